//nolint:misspell // the words of AWS
package eventpattern

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The examples of the pages that doc.go names.

const ec2Event = `{"version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "EC2 Instance State-change Notification",
 "source": "aws.ec2", "account": "111122223333", "time": "2017-12-22T18:43:48Z", "region": "us-west-1",
 "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
 "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated"}}`

const rulerEvent = `{"version": "0", "detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2", "time": "2017-10-02T16:24:49Z",
 "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000"],
 "detail": {"c-count": 5, "d-count": 3, "x-limit": 301.8, "source-ip": "10.0.0.33", "state": "running"}}`

const launchEvent = `{"detail-type": "EC2 Instance Launch Successful", "source": "aws.autoscaling", "resources": [], "detail": {"eventVersion": "", "responseElements": null}}`

const employees = `{"employees": [{"firstName": "John", "lastName": "Doe"}, {"firstName": "Anna", "lastName": "Smith"}, {"firstName": "Peter", "lastName": "Jones"}]}`

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
		for want, events := range map[bool][]string{true: r.yes, false: r.no} {
			for _, event := range events {
				got, err := p.Match([]byte(event))
				require.NoError(t, err, "%s on %s", r.pattern, event)
				assert.Equal(t, want, got.Matched, "%s on %s: %s", r.pattern, event, got.Explanation)
				assert.NotEmpty(t, got.Explanation)
				assert.Equal(t, want, got.Key == "")
			}
		}
	}
}

func TestTheDocumentedPatternsMatchTheirEvents(t *testing.T) {
	check(t, []row{
		{`{"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"], "detail": {"state": ["terminated"]}}`, []string{ec2Event}, []string{rulerEvent, launchEvent}},
		{`{"source": ["aws.ec2", "aws.fargate"]}`, []string{ec2Event, `{"source": "aws.fargate"}`}, []string{launchEvent, `{"source": "AWS.EC2"}`, `{}`}},
		{`{"detail": {"responseElements": [null]}}`, []string{launchEvent}, []string{`{"detail": {"responseElements": ""}}`, `{"detail": {}}`}},
		{`{"detail": {"eventVersion": [""]}}`, []string{launchEvent}, []string{`{"detail": {"eventVersion": null}}`, `{"detail": {"eventVersion": []}}`}},
		{`{"detail": {"risk-score": [80], "trigger": {"risk": [8]}}}`, []string{`{"detail": {"risk-score": 80, "trigger": {"risk": 8}}}`}, []string{`{"detail": {"risk-score": "80", "trigger": {"risk": 8}}}`, `{"detail": {"risk-score": 80}}`}},
		{`{"resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-b188560f", "arn:aws:ec2:us-east-1:111122223333:instance/i-b188560f"]}`,
			[]string{`{"resources": ["arn:aws:autoscaling:x", "arn:aws:ec2:us-east-1:123456789012:instance/i-b188560f"]}`}, []string{ec2Event, launchEvent}},
		{`{"flag": [true]}`, []string{`{"flag": true}`}, []string{`{"flag": "true"}`, `{"flag": false}`}},
	})
}

func TestTheDocumentedOperatorsMatch(t *testing.T) {
	check(t, []row{
		{`{"time": [{"prefix": "2017-10-02"}]}`, []string{rulerEvent}, []string{ec2Event, `{"time": 20171002}`}},
		{`{"service": [{"prefix": {"equals-ignore-case": "EventB"}}]}`, []string{`{"service": "eventbridge"}`, `{"service": "EVENTBRIDGE"}`}, []string{`{"service": "event"}`}},
		{`{"FileName": [{"suffix": ".png"}]}`, []string{`{"FileName": "a.png"}`}, []string{`{"FileName": "a.PNG"}`, `{"FileName": "png"}`}},
		{`{"FileName": [{"suffix": {"equals-ignore-case": ".png"}}]}`, []string{`{"FileName": "a.PNG"}`}, []string{`{"FileName": "a.gif"}`}},
		{`{"service": [{"suffix": {"equals-ignore-case": "tBridge"}}]}`, []string{`{"service": "EventBridge"}`, `{"service": "éTBRIDGE"}`}, []string{`{"service": "Bridge"}`}},
		{`{"Name": [{"equals-ignore-case": "alice"}]}`, []string{`{"Name": "ALICE"}`, `{"Name": "Alice"}`}, []string{`{"Name": "alice "}`, `{"Name": null}`}},
		{`{"FilePath": [{"wildcard": "dir/*.png"}]}`, []string{`{"FilePath": "dir/a.png"}`, `{"FilePath": "dir/.png"}`, `{"FilePath": "dir/x/a.png"}`}, []string{`{"FilePath": "dir.png"}`, `{"FilePath": "a/dir/a.png"}`}},
		{`{"p": [{"wildcard": "*a*b\\*\\\\"}]}`, []string{`{"p": "ab*\\"}`, `{"p": "xaybb*\\"}`}, []string{`{"p": "abx\\"}`, `{"p": "ba*\\"}`, `{"p": 1}`}},
		{`{"p": [{"wildcard": "plain"}]}`, []string{`{"p": "plain"}`}, []string{`{"p": "plain "}`}},
		{`{"p": [{"wildcard": "ab*ba"}]}`, []string{`{"p": "abba"}`}, []string{`{"p": "aba"}`}},
		{`{"detail": {"c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}], "x-limit": [{"numeric": ["=", 3.018e2]}]}}`,
			[]string{rulerEvent}, []string{`{"detail": {"c-count": 0, "d-count": 3, "x-limit": 301.8}}`, `{"detail": {"c-count": 5, "d-count": "3", "x-limit": 301.8}}`}},
		{`{"n": [{"numeric": [">=", 1]}]}`, []string{`{"n": 1}`, `{"n": 1.0}`, `{"n": [0, 2]}`}, []string{`{"n": 0.9}`, `{"n": null}`}},
		{`{"n": [{"numeric": [">", 1, "<", 2]}]}`, []string{`{"n": 1.5}`}, []string{`{"n": 1}`, `{"n": 2}`}},
		{`{"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}}`, []string{rulerEvent}, []string{`{"detail": {"source-ip": "10.0.1.0"}}`, `{"detail": {"source-ip": "x"}}`, `{"detail": {"source-ip": 10}}`}},
		{`{"ip": [{"cidr": "2001:db8::/32"}]}`, []string{`{"ip": "2001:db8:1::1"}`}, []string{`{"ip": "2001:db9::"}`, `{"ip": "10.0.0.1"}`}},
		{`{"detail": {"c-count": [{"exists": true}]}}`, []string{rulerEvent, `{"detail": {"c-count": null}}`}, []string{ec2Event, `{"detail": {"c-count": {"c1": 100}}}`}},
		{`{"detail": {"c-count": [{"exists": false}]}}`, []string{ec2Event, `{"detail": {"c-count": {"c1": 100}}}`, `{}`, `{"detail": 1}`, `{"detail": []}`}, []string{rulerEvent, `{"detail": {"c-count": null}}`}},
		{`{"a": [{"exists": false}, "x"]}`, []string{`{}`, `{"a": "x"}`}, []string{`{"a": "y"}`}},
	})
}

func TestTheDocumentedAnythingButMatches(t *testing.T) {
	check(t, []row{
		{`{"state": [{"anything-but": "initializing"}]}`, []string{`{"state": "running"}`, `{"state": null}`, `{"state": 1}`, `{"state": ["initializing", "running"]}`}, []string{`{"state": "initializing"}`, `{}`, `{"state": []}`}},
		{`{"x-limit": [{"anything-but": 123}]}`, []string{`{"x-limit": 124}`, `{"x-limit": "123"}`}, []string{`{"x-limit": 123}`, `{"x-limit": 1.23e2}`}},
		{`{"state": [{"anything-but": ["stopped", "overloaded"]}]}`, []string{`{"state": "running"}`}, []string{`{"state": "stopped"}`, `{"state": "overloaded"}`}},
		{`{"x-limit": [{"anything-but": [100, 200, 300]}]}`, []string{`{"x-limit": 150}`}, []string{`{"x-limit": 200}`}},
		{`{"state": [{"anything-but": {"equals-ignore-case": "initializing"}}]}`, []string{`{"state": "running"}`}, []string{`{"state": "INITIALIZING"}`}},
		{`{"state": [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}]}`, []string{`{"state": "running"}`}, []string{`{"state": "Stopped"}`}},
		{`{"Region": [{"anything-but": {"prefix": "us-"}}]}`, []string{`{"Region": "eu-west-1"}`, `{"Region": 5}`}, []string{`{"Region": "us-east-1"}`}},
		{`{"state": [{"anything-but": {"prefix": ["init", "error"]}}]}`, []string{`{"state": "running"}`}, []string{`{"state": "initializing"}`, `{"state": "error-x"}`}},
		{`{"FileName": [{"anything-but": {"suffix": ".png"}}]}`, []string{`{"FileName": "a.gif"}`}, []string{`{"FileName": "a.png"}`}},
		{`{"FileName": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]}`, []string{`{"FileName": ".txt.bak"}`}, []string{`{"FileName": "a.rtf"}`}},
		{`{"FilePath": [{"anything-but": {"wildcard": "*/lib/*"}}]}`, []string{`{"FilePath": "/usr/bin/a"}`}, []string{`{"FilePath": "/usr/lib/a"}`}},
		{`{"FilePath": [{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}]}`, []string{`{"FilePath": "/usr/etc/a"}`}, []string{`{"FilePath": "/usr/bin/a"}`}},
	})
}

func TestTheDocumentedAlternativesMatch(t *testing.T) {
	check(t, []row{
		{`{"source": ["aws.cloudwatch"], "$or": [{"metricName": ["CPUUtilization", "ReadLatency"]}, {"metricType": ["MetricType"], "namespace": ["AWS/EC2"], "$or": [{"metricId": [1234]}, {"spaceId": [1000]}]}, {"scope": ["Service"]}]}`,
			[]string{`{"source": "aws.cloudwatch", "metricName": "ReadLatency"}`, `{"source": "aws.cloudwatch", "scope": "Service"}`, `{"source": "aws.cloudwatch", "metricType": "MetricType", "namespace": "AWS/EC2", "spaceId": 1000}`},
			[]string{`{"source": "x", "scope": "Service"}`, `{"source": "aws.cloudwatch", "metricType": "MetricType", "namespace": "AWS/EC2"}`, `{"source": "aws.cloudwatch"}`}},
		{`{"detail": {"$or": [{"c-count": [{"numeric": [">", 0, "<=", 5]}]}, {"d-count": [{"numeric": ["<", 10]}]}, {"x-limit": [{"numeric": ["=", 3.018e2]}]}]}}`,
			[]string{rulerEvent, `{"detail": {"d-count": 3}}`}, []string{`{"detail": {"c-count": 6}}`, `{}`}},
	})
}

func TestWhatIsAskedOfAnArrayMustHoldInOneElement(t *testing.T) {
	check(t, []row{
		{`{"employees": {"firstName": ["Anna"]}}`, []string{employees, `{"employees": [[{"firstName": "John"}, {"firstName": "Anna"}], []]}`}, []string{`{"employees": ["Anna"]}`}},
		{`{"employees": {"firstName": ["Anna"], "lastName": ["Smith"]}}`, []string{employees}, nil},
		{`{"employees": {"firstName": ["Anna"], "lastName": ["Jones"]}}`, nil, []string{employees}},
	})
}

// https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
func TestARuleOnFailedBackupJobsSeesThem(t *testing.T) {
	check(t, []row{
		{`{"source": ["aws.backup"], "detail-type": ["Backup Job State Change"], "detail": {"state": ["FAILED", "ABORTED", "EXPIRED"]}}`,
			[]string{`{"source": "aws.backup", "detail-type": "Backup Job State Change", "detail": {"backupJobId": "1", "state": "FAILED"}}`},
			[]string{`{"source": "aws.backup", "detail-type": "Backup Job State Change", "detail": {"state": "COMPLETED"}}`, `{"source": "aws.backup", "detail-type": "Copy Job State Change", "detail": {"state": "FAILED"}}`}},
	})
}
