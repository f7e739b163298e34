package engine_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/target/local/engine"
)

// post asks the engine and returns the status and the body of its answer.
func post(t *testing.T, url, question string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(question))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(answer)
}

func serve(t *testing.T) *engine.Server {
	t.Helper()
	s, err := engine.Serve()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func TestEachQuestionIsAnsweredAsTheEngineAnswersIt(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for name, c := range map[string]struct{ path, question, answer string }{
		"a pattern and its fields": {
			"/match", `{"pattern":"{ $.ms > 1 }","references":["$.ms"],"messages":["{\"ms\":2}","{\"ms\":1}","no"]}`,
			`{"matches":[{"matched":true,"fields":{"$.ms":"2"}},{"matched":false,"fields":null},{"matched":false,"fields":null}]}`,
		},
		"a pattern that is none":      {"/match", `{"pattern":"{ $.ms > }"}`, `{"problem":`},
		"a field it cannot give":      {"/match", `{"pattern":"ERROR","references":["$.ms"]}`, `{"problem":`},
		"the alarms of a rule":        {"/rule", `{"rule":"ALARM(a) AND NOT OK(\"b\")"}`, `{"alarms":["a","b"]}`},
		"a rule that is none":         {"/rule", `{"rule":"ALARM(a"}`, `{"problem":`},
		"a function it does not know": {"/query", `{"from":0,"to":60000,"queries":[{"Id":"a","Expression":"RUNNING_SUM(b)","Period":60}]}`, `{"undecided":`},
		"metric math": {
			"/query", `{"from":0,"to":120000,"queries":[{"Id":"a","Expression":"m * 2"},{"Id":"m","ReturnData":false,"MetricStat":{"Period":60,"Stat":"Sum",
				"Metric":{"Namespace":"lab","MetricName":"M","Dimensions":[{"Name":"Route","Value":"/"}]}}}],
				"points":[{"namespace":"lab","name":"M","dimensions":{"Route":"/"},"unit":"Count","at":61000,"count":1,"sum":2.5,"minimum":2.5,"maximum":2.5}]}`,
			`{"series":[{"id":"a","at":[60000],"values":[5]}]}`,
		},
	} {
		status, body := post(t, s.URL+c.path, c.question)
		assert.Equal(t, http.StatusOK, status, name)
		if json.Valid([]byte(c.answer)) {
			assert.Contains(t, without(body, `,"matches":null`, `,"series":null`, `,"alarms":null`), c.answer[1:len(c.answer)-1], name)
		} else {
			assert.True(t, strings.HasPrefix(body, c.answer), "%s: %s", name, body)
		}
	}
}

func without(body string, parts ...string) string {
	for _, p := range parts {
		body = strings.ReplaceAll(body, p, "")
	}
	return body
}

func TestNobodyIsAnsweredWithoutTheToken(t *testing.T) {
	t.Parallel()
	s := serve(t)
	status, _ := post(t, s.URL[:strings.LastIndex(s.URL, "/")]+"/rule", `{"rule":"ALARM(a)"}`)
	assert.Equal(t, http.StatusNotFound, status)
	status, _ = post(t, s.URL+"/rule", "no JSON")
	assert.Equal(t, http.StatusBadRequest, status)
	assert.NotEqual(t, s.URL, serve(t).URL)
}
