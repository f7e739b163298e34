//nolint:misspell // the words of AWS
package logpattern

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The examples of https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
// and of the page before its revision.

const (
	badRequest   = "[ERROR 400] BAD REQUEST"
	unauthorized = "[ERROR 401] UNAUTHORIZED REQUEST"
	missing      = "[ERROR 419] MISSING ARGUMENTS"
	invalid      = "[ERROR 420] INVALID ARGUMENTS"
)

const trailEvent = `{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value", "another value"],
 "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "SomeObject": null, "ThisFlag": true, "cluster.name": "c"}`

const userEvent = `{"user": {"id": 1, "email": "John.Stiles@example.com"},
 "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
 "actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]}`

const (
	access  = `127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`
	getLine = "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200"
	part    = "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310"
	warning = "WARNING 09/25/2014 12:00:02 Invalid user request"
	failure = "ERROR 09/25/2014 12:00:02 Failed to process request"
)

type row struct {
	pattern string
	yes     []string
	no      []string
}

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		p, err := Parse(r.pattern)
		require.NoError(t, err, r.pattern)
		for want, messages := range map[bool][]string{true: r.yes, false: r.no} {
			for _, message := range messages {
				got, err := p.Match(message)
				require.NoError(t, err, "%s on %s", r.pattern, message)
				assert.Equal(t, want, got.Matched, "%s on %s: %s", r.pattern, message, got.Explanation)
				assert.NotEmpty(t, got.Explanation)
			}
		}
	}
}

func TestTheDocumentedTermsMatch(t *testing.T) {
	check(t, []row{
		{`ERROR`, []string{badRequest, unauthorized, missing, invalid, "[ERROR] A fatal exception has occurred", "Exiting with ERRORCODE: -1"}, []string{"[error] lower case"}},
		{`ERROR ARGUMENTS`, []string{missing, invalid}, []string{badRequest, unauthorized}},
		{`?ERROR ?ARGUMENTS`, []string{badRequest, unauthorized, missing, invalid, "ARGUMENTS"}, []string{"[INFO] fine"}},
		{`?ERROR ?ARGUMENTS REQUEST`, []string{"[INFO] REQUEST FAILED", "[WARN] UNAUTHORIZED REQUEST", "[ERROR] 400 BAD REQUEST"}, []string{missing}},
		{`"INTERNAL SERVER ERROR"`, []string{"[ERROR 500] INTERNAL SERVER ERROR"}, []string{"INTERNAL ERROR of the SERVER"}},
		{`ERROR -ARGUMENTS`, []string{badRequest, unauthorized}, []string{missing, invalid}},
		{`" "`, []string{badRequest, "x", ""}, nil},
		{``, []string{badRequest, ""}, nil},
		{`"ERROR" - "Exiting"`, []string{"[ERROR] A fatal exception has occurred"}, []string{"Exiting with ERRORCODE: -1"}},
		{`ERROR Exception`, []string{"[ERROR] Caught IllegalArgumentException", "[ERROR] Unhandled Exception"}, []string{"ERROR"}},
		{`"Failed to process the request"`, []string{"[WARN] Failed to process the request", "[ERROR] Unable to continue: Failed to process the request"}, nil},
		{`?ERROR ?WARN`, []string{"ERROR WARN message", "ERROR message", "WARN message"}, nil},
		{`ERROR -WARN`, []string{"ERROR message"}, []string{"ERROR WARN message", "WARN message"}},
	})
}

func TestTheDocumentedRegularExpressionsMatch(t *testing.T) {
	check(t, []row{
		{`%AUTHORIZED%`, []string{unauthorized, "[SUCCESS 200] AUTHORIZED REQUEST"}, []string{badRequest}},
		{`%^[hc]at%`, []string{"hat", "cat and dog"}, []string{"a hat", "bat"}},
		{`%[hc]at$%`, []string{"hat", "the cat"}, []string{"cat and dog"}},
		{`%colou?r%`, []string{"color", "colour"}, []string{"colouur"}},
		{`%^[abcx-z]$%`, []string{"a", "b", "c", "x", "y", "z"}, []string{"d", "w", "-"}},
		{`%^a{3,5}$%`, []string{"aaa", "aaaa", "aaaaa"}, []string{"aa", "aaaaaa"}},
		{`%^a{, 2}$%`, []string{"", "a", "aa"}, []string{"aaa"}},
		{`%^a{2,}$%`, []string{"aa", "aaaa"}, []string{"a"}},
		{`%gra|ey%`, []string{"gray", "grey"}, []string{"green"}},
		{`%[Ee]rror|[Ff]ail%`, []string{"Error", "an error", "Failed", "fail"}, []string{"warning"}},
		{`%^starting|^initializing|^shutting down%`, []string{"starting x", "initializing x", "shutting down"}, []string{"skipping initializing x"}},
		{`%abcc|ab[^c]$%`, []string{"abcc x", "x aba"}, []string{"aac x", "abc"}},
		{`%^\[.\]$%`, []string{"[a]", "[b]", "[7]", "[@]", "[]]", "[ ]"}, []string{"(a)", "[]", "[ab]"}},
		{`%10\.10\.0\.1%`, []string{"from 10.10.0.1"}, []string{"10010,051"}},
		{`%10.10.0.1%`, []string{"10.10.0.1", "10010,051"}, nil},
		{`%^ab*c$%`, []string{"ac", "abc", "abbbc"}, []string{"a"}},
		{`%^ab[0-9]*$%`, []string{"ab", "ab0", "ab129"}, []string{"abc"}},
		{`%^ab+c$%`, []string{"abc", "abbc", "abbbc"}, []string{"ac"}},
		{`%^.at$%`, []string{"hat", "cat", "bat", "4at", "#at", " at", "\nat"}, []string{"at", "that"}},
		{`%^\d\D$%`, []string{"1a"}, []string{"11", "aa"}},
		{`%^\s\S$%`, []string{" a", "\ta", "\na"}, []string{"  ", "aa"}},
		{`%^\w\W$%`, []string{"_-", "9 "}, []string{"--", "__"}},
		{`%^[\s_][^\s][\S][\d-]$%`, []string{" ab1", "_abc-"[:4] + "-"}[:1], []string{"aab1", "  b1", " a 1"}},
		{`%^\x3A\x28$%`, []string{":("}, []string{";("}},
		{`%^[\x28-\x2A]$%`, []string{"(", ")", "*"}, []string{"+", "'"}},
		{`%\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}%`, []string{"from 10.0.0.1"}, []string{"10.0.0"}},
	})
}

func TestTheDocumentedJSONPatternsMatch(t *testing.T) {
	check(t, []row{
		{`{ $.eventType = "UpdateTrail" }`, []string{trailEvent}, []string{userEvent, "UpdateTrail", `["UpdateTrail"]`, trailEvent + " x"}},
		{`{ $.sourceIPAddress != 123.123.* }`, []string{trailEvent}, []string{`{"sourceIPAddress": "123.123.1.1"}`}},
		{`{ $.arrayKey[0] = "value" }`, []string{trailEvent}, []string{`{"arrayKey": "value"}`, `{"arrayKey": []}`}},
		{`{ $.objectList[1].id = 2 }`, []string{trailEvent}, []string{`{"objectList": 2}`, `{"objectList": [{}, {}]}`, `{"objectList": [1, 2]}`}},
		{`{ $.eventType = %Trail% }`, []string{trailEvent}, []string{`{"eventType": "StopLogging"}`}},
		{`{ $.arrayKey[*] = %val.{2}% }`, []string{trailEvent}, []string{`{"arrayKey": ["val"]}`, `{"arrayKey": []}`}},
		{`{ $.* = %111\.111\.111\.1[0-9]{1,2}% }`, []string{trailEvent}, []string{`{"sourceIPAddress": "111.111.111.211"}`}},
		{`{ $.['cluster.name'] = "c" }`, []string{trailEvent}, []string{`{"cluster": {"name": "c"}}`}},
		{`{ $.SomeObject IS NULL }`, []string{trailEvent}, []string{userEvent, `{"SomeObject": ""}`}},
		{`{ $.ThisFlag IS TRUE }`, []string{trailEvent}, []string{userEvent, `{"ThisFlag": false}`}},
		{`{ $.ThisFlag IS FALSE }`, []string{`{"ThisFlag": false}`}, []string{trailEvent}},
		{`{ $.SomeOtherObject NOT EXISTS }`, []string{trailEvent}, []string{`{"SomeOtherObject": 1}`, `{"SomeOtherObject": null}`}},
		{`{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }`, []string{userEvent}, nil},
		{`{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }`, []string{userEvent}, nil},
		{`{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }`, []string{userEvent}, nil},
		{`{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }`, nil, []string{userEvent}},
		{`{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }`, nil, []string{userEvent}},
		{`{ $.users = 1 }`, nil, []string{`{"users": [1, 2, 3]}`, `{"users": {"a": 1}}`}},
		{`{ $.users != 1 }`, nil, []string{`{"users": [1, 2, 3]}`, `{"users": {}}`}},
		{`{$.foo = bar }`, []string{`{"foo": "bar"}`}, []string{`{"foo": "baz"}`}},
		{`{$.foo = bar || $.foo = baz }`, []string{`{"foo": "bar"}`, `{"foo": "baz"}`}, []string{`{"foo": "x"}`}},
		{`{ $.name = *Event }`, []string{`{"name": "PutEvent"}`, `{"name": "GetEvent"}`}, []string{`{"name": "EventId"}`}},
		{`{ $.name = Event* }`, []string{`{"name": "EventId"}`, `{"name": "EventName"}`}, []string{`{"name": "PutEvent"}`}},
		{`{ $.name = Ev*ent }`, []string{`{"name": "Ev*ent"}`}, []string{`{"name": "Event Id"}`, `{"name": "event"}`}},
		{`{ $.latency = * }`, []string{`{"latency": 12}`, `{"latency": "fast"}`}, []string{`{}`, `{"latency": {}}`}},
	})
}

func TestTheDocumentedNumericComparisonsMatch(t *testing.T) {
	check(t, []row{
		{`{ $.bandwidth > 75 }`, []string{`{"bandwidth": 75.1}`}, []string{`{"bandwidth": 75}`, `{}`, `{"bandwidth": null}`}},
		{`{ $.latency < 50 }`, []string{`{"latency": -60}`}, []string{`{"latency": 50}`, `{"latency": "slow"}`}},
		{`{ $.refreshRate >= 60 }`, []string{`{"refreshRate": 6e1}`}, []string{`{"refreshRate": 59.99}`}},
		{`{ $.responseTime <= 5 }`, []string{`{"responseTime": 5.0}`}, []string{`{"responseTime": 5.01}`}},
		{`{ $.errorCode = 400}`, []string{`{"errorCode": 400}`, `{"errorCode": 4e2}`}, []string{`{"errorCode": 401}`, `{"errorCode": "AccessDenied"}`}},
		{`{ $.errorCode != 500 }`, []string{`{"errorCode": 400}`}, []string{`{"errorCode": 500}`}},
		{`{ $.number[0] = 1e+3 }`, []string{`{"number": [1000]}`}, []string{`{"number": [100]}`}},
		{`{ $.number[0] != 1e-3 }`, []string{`{"number": [0.01]}`}, []string{`{"number": [0.001]}`}},
		{`{ $.numbers[0] < 10e3 }`, []string{`{"numbers": [9999]}`}, []string{`{"numbers": [10000]}`}},
		{`{ $.processes[4].averageRuntime <= 55.5 }`, []string{`{"processes": [0, 0, 0, 0, {"averageRuntime": 55.5}]}`}, []string{`{"processes": [{"averageRuntime": 1}]}`}},
		{`{ $.latency > +1000 }`, []string{`{"latency": 1001}`}, []string{`{"latency": 1000}`}},
		{`{ $.status = 4* }`, []string{`{"status": 404}`}, []string{`{"status": 200}`}},
	})
}

func TestTheDocumentedSpaceDelimitedPatternsMatch(t *testing.T) {
	check(t, []row{
		{`[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]`, []string{access}, []string{`10.0.0.1 Prod frank [t] "GET /index.html" 404 1534`}},
		{`[..., request =*.html*, status_code = 4*, bytes]`, []string{access, `"GET /index.html" 404 15`}, []string{`a "GET /index.html" 500 15`, `a "GET /x.gif" 404 15`}},
		{`[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]`, []string{access}, []string{`1 2 3 4 x.html 500 1`}},
		{`[ip, user, username, timestamp, request, status_code = 4* && status_code != 403, bytes]`, []string{access}, []string{`1 2 3 4 5 403 1`}},
		{`[ip, user, username, timestamp, request, status_code, bytes > 1000]`, []string{access}, []string{`1 2 3 4 5 200 1000`, `1 2 3 4 5 200 -`}},
		{`[..., status_code, bytes]`, []string{access}, nil},
		{`[ip, user, ..., status_code, bytes]`, []string{access}, nil},
		{`[ip, user, ...]`, []string{access}, nil},
		{`[w1=ERROR, w2]`, []string{failure}, []string{getLine, part, warning}},
		{`[w1=ERROR || w1=WARNING, w2]`, []string{failure, warning}, []string{getLine, part}},
		{`[w1!=ERROR && w1!=WARNING, w2]`, []string{getLine, part}, []string{failure, warning}},
		{`[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]`, []string{getLine}, []string{part, warning, failure}},
		{`[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]`, []string{part}, []string{getLine, warning, failure}},
	})
}

// https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
func TestTheSecurityHubPatternsSeeWhatTheyLookFor(t *testing.T) {
	check(t, []row{
		{`{($.eventName=CreateTrail) || ($.eventName=UpdateTrail) || ($.eventName=DeleteTrail) || ($.eventName=StartLogging) || ($.eventName=StopLogging)}`,
			[]string{`{"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"}`}, []string{`{"eventName": "DescribeTrails"}`}},
		{`{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || ($.eventName=ScheduleKeyDeletion))}`,
			[]string{`{"eventSource": "kms.amazonaws.com", "eventName": "DisableKey"}`}, []string{`{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt"}`}},
		{`{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}`,
			[]string{`{"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"}`},
			[]string{`{"userIdentity": {"type": "Root", "invokedBy": "x"}, "eventType": "AwsApiCall"}`, `{"userIdentity": {"type": "Root"}, "eventType": "AwsServiceEvent"}`, `{"userIdentity": {"type": "IAMUser"}}`}},
		{`{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}`,
			[]string{`{"errorCode": "Client.UnauthorizedOperation"}`, `{"errorCode": "AccessDeniedException"}`}, []string{`{}`}},
	})
}
