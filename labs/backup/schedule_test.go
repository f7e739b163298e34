package backup

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
)

// summer is a moment on a Friday.
var summer = time.Date(2026, 7, 3, 10, 0, 0, 0, time.UTC)

func TestTheLongestGapOfASchedule(t *testing.T) {
	const hour = time.Hour
	for _, row := range []struct {
		schedule, zone string
		want           time.Duration
	}{
		{"rate(1 hour)", "UTC", hour},
		{"rate(90 minutes)", "UTC", 90 * time.Minute},
		{"rate(2 days)", "UTC", 48 * hour},
		{"cron(0 5 * * ? *)", "UTC", 24 * hour},
		{"cron(0 5 ? * * *)", "UTC", 24 * hour},
		{"cron(0 5/12 * * ? *)", "UTC", 12 * hour},
		{"cron(0 */6 * * ? *)", "UTC", 6 * hour},
		{"cron(15,45 * * * ? *)", "UTC", 30 * time.Minute},
		{"cron(0 8-18/2 * * ? *)", "UTC", 14 * hour},
		{"cron(0 9 ? * MON-FRI *)", "UTC", 72 * hour},
		{"cron(0 9 ? * FRI-MON *)", "UTC", 96 * hour},
		{"cron(0 9 ? * 1 *)", "UTC", 7 * 24 * hour},
		{"cron(0 9 ? * L *)", "UTC", 7 * 24 * hour},
		{"cron(0 9 1 * ? *)", "UTC", 31 * 24 * hour},
		{"cron(0 9 L * ? *)", "UTC", 31 * 24 * hour},
		{"cron(0 9 ? * TUE#1 *)", "UTC", 35 * 24 * hour},
		{"cron(0 9 ? * 6L *)", "UTC", 35 * 24 * hour},
		{"cron(0 9 1,15 * ? *)", "UTC", 17 * 24 * hour},
		{"cron(0 9 * JAN-JUN ? *)", "UTC", 185 * 24 * hour},
		{"cron(0 9 31 * ? *)", "UTC", 61 * 24 * hour},
		{"cron(0 5/12 * * ? *)", "Europe/Berlin", 13 * hour}, // the night on which summer time ends
	} {
		_, gap, never, err := longestGap(row.schedule, row.zone, summer)
		require.NoError(t, err, row.schedule)
		assert.False(t, never, row.schedule)
		assert.Equal(t, row.want, gap, "%s in %s", row.schedule, row.zone)
	}
}

func TestAScheduleThatEndsHasNoLongestGap(t *testing.T) {
	for _, schedule := range []string{"cron(0 5 * * ? 2020)", "cron(0 5 30 2 ? *)", "cron(0 5 1 1 ? 2027)"} {
		_, _, never, err := longestGap(schedule, "UTC", summer)
		require.NoError(t, err, schedule)
		assert.True(t, never, schedule)
	}
	_, gap, never, err := longestGap("cron(0 5 * * ? 2026)", "UTC", summer)
	require.NoError(t, err)
	assert.False(t, never)
	assert.Greater(t, gap, 300*day, "this year's last run is the last one")
}

func TestAScheduleThatCannotBeReadIsAnError(t *testing.T) {
	for _, schedule := range []string{
		"", "daily", "rate(0 hours)", "rate(hour)", "rate(2 fortnights)", "cron(0 5 * * ?)", "cron(0 25 * * ? *)", "cron(60 5 * * ? *)", "cron(0 5 15W * ? *)",
		"cron(0 5 ? * NOTADAY *)", "cron(0 5/0 * * ? *)", "cron(0 5 ? * TUE#6 *)", "cron(0 5 ? * XL *)", "cron(0 5-x * * ? *)",
	} {
		_, _, _, err := longestGap(schedule, "UTC", summer)
		assert.Error(t, err, schedule)
	}
	_, _, _, err := longestGap("cron(0 5 * * ? *)", "Middle/Earth", summer)
	assert.Error(t, err)
}

func TestACadenceAddsWhatABackupTakes(t *testing.T) {
	c, err := cadenceOf(inventory.BackupRule{ScheduleExpression: "cron(0 5/12 * * ? *)", StartWindow: aws.Int(60), CompletionWindow: aws.Int(180)}, summer)
	require.NoError(t, err)
	assert.Equal(t, 16*time.Hour, c.worst())
	assert.Equal(t, "12 h between two, 1 h to start and 3 h to complete make 16 h", c.String())

	c, err = cadenceOf(inventory.BackupRule{}, summer)
	require.NoError(t, err)
	assert.Equal(t, 24*time.Hour+8*time.Hour+7*day, c.worst(), "what AWS Backup does where a rule says nothing")
}

func TestObjectivesAreNumbersWithAUnit(t *testing.T) {
	for text, want := range map[string]time.Duration{"5m": 5 * time.Minute, "24h": 24 * time.Hour, "35d": 35 * day} {
		found, ok := parseObjective(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, found, text)
	}
	for _, text := range []string{"", "h", "0h", "-1h", "1.5h", "24", "24 h", "24H", "1w"} {
		_, ok := parseObjective(text)
		assert.False(t, ok, text)
	}
}

func TestSpansAreSaidInTheirLargestUnits(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0 s": 0, "5 s": 5 * time.Second, "5 min": 5 * time.Minute, "1 h 30 min": 90 * time.Minute, "24 h": day, "35 days": 35 * day, "48 h 1 min": 2*day + time.Minute,
	} {
		assert.Equal(t, want, span(d))
	}
}
