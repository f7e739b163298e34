package target

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/runner/target/local"
)

// fakeServer answers as STS does, and remembers who was asked for.
type fakeServer struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string
	signed []string // what the requests were signed with
}

func newFakeServer(t *testing.T) *fakeServer {
	t.Helper()
	f := &fakeServer{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.asked = append(f.asked, r.Method+" "+r.Host)
		f.signed = append(f.signed, r.Header.Get("Authorization"))
		f.mu.Unlock()
		if r.Method == http.MethodConnect {
			http.Error(w, "no tunnels", http.StatusMethodNotAllowed)
			return
		}
		fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/ann</Arn><UserId>AIDA</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	}))
	t.Cleanup(f.Close)
	return f
}

// fakeManager is a local server that is in a certain state.
type fakeManager struct {
	info    local.Info
	verify  error
	stopped bool
}

func (f *fakeManager) Ensure(context.Context) (local.Info, error) { return f.info, nil }
func (f *fakeManager) Status(context.Context) (local.Info, error) { return f.info, nil }
func (f *fakeManager) Verify(context.Context, string) error       { return f.verify }
func (f *fakeManager) Stop(context.Context) (bool, error)         { f.stopped = true; return true, nil }
func running(f *fakeServer) local.Info {
	return local.Info{
		State: local.StateRunning, Endpoint: f.URL, Instance: "i1",
		Corrections: []local.Correction{{Name: "subnet-ipv6"}},
	}
}

func TestALocalTargetIsTheServersAccountAndClaimsWhatIsCorrected(t *testing.T) {
	server := newFakeServer(t)
	got, err := Resolver{Local: &fakeManager{info: running(server)}}.Start(t.Context(), Place{Name: Local, Region: "eu-west-1"})
	require.NoError(t, err)
	assert.Equal(t, "123456789012", got.Account)
	assert.Equal(t, "i1", got.Server)
	assert.True(t, got.Free)
	assert.True(t, got.Support["subnet-ipv6"].Shown)
	assert.True(t, got.Support["subnet-ipv6"].Simulated)
	assert.False(t, got.Support["transit-gateways"].Shown)
	assert.Equal(t, server.URL, got.Env["AWS_ENDPOINT_URL"], "the SDK and the provider mean the same server")
}

func TestNoRequestOfALocalTargetLeavesTheMachine(t *testing.T) {
	// What a user may have set; none of it may be used.
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAREALKEY")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "real")
	t.Setenv("AWS_ENDPOINT_URL", "https://ec2.us-east-1.amazonaws.com")
	t.Setenv("HTTPS_PROXY", "http://proxy.example:3128")
	server := newFakeServer(t)
	config := emulatorConfig(server.URL, "us-east-1", dummy)

	credentials, err := config.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	assert.Equal(t, dummy.id, credentials.AccessKeyID)
	_, err = sts.NewFromConfig(config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	require.NoError(t, err)

	for _, url := range []string{"http://123456789012.127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "https://ec2.us-east-1.amazonaws.com/"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		require.NoError(t, err)
		response, err := config.HTTPClient.Do(request)
		if err == nil {
			assert.NoError(t, response.Body.Close())
		}
	}
	host := server.Listener.Addr().String()
	assert.Equal(t, []string{"POST " + host, "GET 123456789012.127.0.0.1", "GET 169.254.169.254", "CONNECT ec2.us-east-1.amazonaws.com:443"}, server.asked)
}

func TestAServerThatIsGoneIsALossAndOneThatDoesNotAnswerIsNot(t *testing.T) {
	server := newFakeServer(t)
	manager := &fakeManager{info: running(server), verify: fmt.Errorf("%w: it died", local.ErrGone)}
	var lost *LostError
	_, err := Resolver{Local: manager}.Attach(t.Context(), Held{Place: Place{Name: Local}, Server: "i1"})
	require.ErrorAs(t, err, &lost)

	manager.verify = local.ErrUnresponsive
	_, err = Resolver{Local: manager}.Attach(t.Context(), Held{Place: Place{Name: Local}, Server: "i1"})
	require.ErrorIs(t, err, local.ErrUnresponsive)
	assert.NotErrorAs(t, err, &lost, "what it holds may still be there")

	manager.info.State = local.StateStopped
	_, err = Resolver{Local: manager}.Current(t.Context(), Place{Name: Local})
	require.ErrorAs(t, err, &lost)
}

func TestTheServerIsStoppedWithItsLastRunUnlessItIsKept(t *testing.T) {
	manager := &fakeManager{}
	require.NoError(t, Resolver{Local: manager}.Release(t.Context(), Local))
	assert.True(t, manager.stopped)

	kept := &fakeManager{info: local.Info{Kept: true}}
	require.NoError(t, Resolver{Local: kept}.Release(t.Context(), Local))
	assert.False(t, kept.stopped)
}

func TestWhatATargetLacksIsSkippedAndNamed(t *testing.T) {
	showing := Shows(Local, []checks.Check{
		{ID: "plain"},
		{ID: "corrected", Needs: []checks.Capability{"subnet-ipv6"}},
		{ID: "lacking", Needs: []checks.Capability{"subnet-ipv6", "no-such-thing"}},
	})
	assert.Equal(t, 2, showing.Shown)
	assert.Equal(t, 1, showing.Simulated)
	require.Len(t, showing.Skipped, 1)
	assert.Equal(t, "lacking", showing.Skipped[0].Check.ID)
	assert.Equal(t, checks.Capability("no-such-thing"), showing.Skipped[0].Lacks)
}
