package emit

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// Request is a request to the API, and what became of it. It has no time of its own but within its minute.
type Request struct {
	After        time.Duration // since its minute began: when it was answered
	Method       string
	Route        string // the template
	Path         string
	Status       int
	Latency      time.Duration
	User         string
	Traced       bool // the sampling rule chose it
	RequestID    string
	traceID      string // but for the time
	hops         [3]string
	behind       time.Duration // of the latency, what the service behind took; 0 if it was not asked
	behindFailed bool
}

// Failed says that the request failed by the API's own fault.
func (r Request) Failed() bool { return r.Status >= 500 }

// Made is made-up traffic: the same for the same profile, rate and seed.
type Made struct {
	profile Profile
	rate    int
	seed    uint64
	phase   int // where in the even spread of failures it begins
}

// New makes up traffic of so many requests a minute.
func New(p Profile, rate int, seed uint64) Made {
	return Made{profile: p, rate: rate, seed: seed, phase: rand.New(rand.NewPCG(seed, 0)).IntN(whole)} //nolint:gosec // traffic, not secrets
}

// Minute is the requests of a minute, which count from 0, in the order of time.
func (m Made) Minute(n int) []Request {
	random := rand.New(rand.NewPCG(m.seed, uint64(n)+1)) //nolint:gosec // as above
	requests := make([]Request, m.rate)
	gap := time.Minute / time.Duration(m.rate)
	for i := range requests {
		after := gap*time.Duration(i) + time.Duration(random.Float64()*float64(gap))
		requests[i] = m.request(random, n*m.rate+i, after)
	}
	slices.SortStableFunc(requests, func(a, b Request) int { return int(a.After - b.After) })
	return requests
}

// Failing is a payment that failed and was traced over both hops, for who needs just one request.
func (m Made) Failing() Request {
	random := rand.New(rand.NewPCG(m.seed, 1<<63)) //nolint:gosec // as above
	r := begin(random, 0)
	for r.Route != "/payments" {
		r = begin(random, 0)
	}
	r.fail(random)
	r.Traced = true
	return r
}

// Answered is a payment that succeeded and was traced over both hops.
func (m Made) Answered() Request {
	random := rand.New(rand.NewPCG(m.seed, 1<<62)) //nolint:gosec // as above
	r := begin(random, 0)
	for r.Route != "/payments" {
		r = begin(random, 0)
	}
	r.Traced = true
	return r
}

// routes are those of the API, and their share of a hundred requests.
var routes = []struct {
	method, route string
	share         int
	done          int // the status of a success
}{
	{http.MethodPost, "/payments", 50, 201},
	{http.MethodGet, "/payments/{id}", 30, 200},
	{http.MethodPost, "/refunds", 15, 201},
	{http.MethodGet, "/status", 5, 200},
}

// request is the request of a number.
func (m Made) request(random *rand.Rand, number int, after time.Duration) Request {
	r := begin(random, after)
	switch {
	case m.chosen(number, m.profile.Failing):
		r.fail(random)
	case r.Method == http.MethodPost && r.Route == "/payments" && random.IntN(whole) < m.profile.Slow:
		r.take(time.Duration(1500+random.IntN(1500)) * time.Millisecond)
	case random.IntN(100) == 0: // the caller's fault, which is nobody's incident
		r.Status = map[string]int{http.MethodGet: 404, http.MethodPost: 422}[r.Method]
	}
	return r
}

// chosen spreads a share evenly: of 50 requests in a row exactly one is chosen if it is 200.
func (m Made) chosen(number, share int) bool {
	return (number*share+m.phase)/whole != ((number+1)*share+m.phase)/whole
}

// sampled is the share of requests that the API traces: that of the sampling rule in terraform/observability/traces.tf.
const sampled = 20

// begin is a request that succeeded.
func begin(random *rand.Rand, after time.Duration) Request {
	r := Request{After: after, Traced: random.IntN(sampled) == 0}
	draw := random.IntN(100)
	for _, route := range routes {
		if draw < route.share {
			r.Method, r.Route, r.Status = route.method, route.route, route.done
			break
		}
		draw -= route.share
	}
	r.Path = r.Route
	if r.Route == "/payments/{id}" {
		r.Path = fmt.Sprintf("/payments/%d", 100_000+random.IntN(900_000))
	}
	r.User = fmt.Sprintf("u-%03d", 1+random.IntN(500))
	r.RequestID = fmt.Sprintf("%016x", random.Uint64())
	r.traceID = fmt.Sprintf("%016x%08x", random.Uint64(), random.Uint32())
	for i := range r.hops {
		r.hops[i] = fmt.Sprintf("%016x", random.Uint64())
	}
	// Most are near 100 ms, few near 600: p99 stays well below the second at which somebody is woken.
	slow := random.Float64()
	r.take(time.Duration(60+540*slow*slow*slow*slow) * time.Millisecond)
	return r
}

// take says how long a request took. Most of it is the service behind, which only /status does not ask.
func (r *Request) take(latency time.Duration) {
	r.Latency = latency
	if r.Route != "/status" {
		r.behind = latency * 4 / 5
	}
}

// fail lets a request fail: the service behind breaks off, or the API itself does. Both fail fast.
func (r *Request) fail(random *rand.Rand) {
	r.take(time.Duration(5+random.IntN(35)) * time.Millisecond)
	r.Status = 500
	if r.behind > 0 {
		r.Status, r.behindFailed = 503, true
	}
}
