package backup

import (
	"context"
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
)

func TestASeedStandsForTheSameRowsOnEveryMachine(t *testing.T) {
	seven := sumsOf(seededRows("order", labs.Seeding{Seed: 7, Rows: 2000}), "order")
	assert.Len(t, seven, 2000)
	assert.Equal(t, "f3fd13be013e1ec9", seven.String())
	assert.NotEqual(t, seven.String(), sumsOf(seededRows("order", labs.Seeding{Seed: 8, Rows: 2000}), "order").String())
	for key := range seven {
		require.True(t, isDrills(key), key)
	}
	objects := seededObjects(labs.Seeding{Seed: 7, Rows: 9})
	assert.Equal(t, objects, seededObjects(labs.Seeding{Seed: 7, Rows: 9}))
	assert.NotEqual(t, objects, seededObjects(labs.Seeding{Seed: 8, Rows: 9}))
}

func TestAChangeOfAnyAttributeChangesTheChecksumOfItsRow(t *testing.T) {
	const key = "order"
	original := seededRows(key, labs.Seeding{Seed: 1, Rows: 1})[0]
	wanted := sumsOf([]row{original}, key)
	for name, value := range map[string]types.AttributeValue{
		"customer": str("somebody else"),
		"cents":    &types.AttributeValueMemberN{Value: "0"},
		"weight":   &types.AttributeValueMemberS{Value: original["weight"].(*types.AttributeValueMemberN).Value}, // the same text, of another type
		"paid":     &types.AttributeValueMemberBOOL{Value: !original["paid"].(*types.AttributeValueMemberBOOL).Value},
		"voucher":  str(""),
		"lines":    &types.AttributeValueMemberL{},
		"labels":   &types.AttributeValueMemberSS{Value: []string{"gift"}},
		"steps":    &types.AttributeValueMemberNS{Value: []string{"1"}},
		"parcel":   &types.AttributeValueMemberB{Value: []byte("x")},
		"seals":    &types.AttributeValueMemberBS{Value: [][]byte{{1}}},
		"expires":  &types.AttributeValueMemberN{Value: "1"}, // one that was not there
	} {
		changed := maps.Clone(original)
		changed[name] = value
		assert.Equal(t, []string{keyOf(original, key)}, compare(wanted, sumsOf([]row{changed}, key)).Changed, name)
		if _, there := original[name]; there {
			delete(changed, name)
			assert.Len(t, compare(wanted, sumsOf([]row{changed}, key)).Changed, 1, "without %s", name)
		}
	}
	assert.Len(t, original, 11)
}

func TestWhatIsEqualIsSpelledTheSame(t *testing.T) {
	n := func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
	for name, pair := range map[string][2]types.AttributeValue{
		"a set has no order":            {&types.AttributeValueMemberSS{Value: []string{"b", "a"}}, &types.AttributeValueMemberSS{Value: []string{"a", "b"}}},
		"nor has one of numbers":        {&types.AttributeValueMemberNS{Value: []string{"2", "1.0"}}, &types.AttributeValueMemberNS{Value: []string{"1", "2"}}},
		"nor has one of bytes":          {&types.AttributeValueMemberBS{Value: [][]byte{{2}, {1}}}, &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}}},
		"a number has many spellings":   {n("1.50"), n("1.5")},
		"also in scientific notation":   {n("1E+3"), n("1000")},
		"and in a list":                 {&types.AttributeValueMemberL{Value: []types.AttributeValue{n("10e-1")}}, &types.AttributeValueMemberL{Value: []types.AttributeValue{n("1")}}},
		"zero is zero, whatever's sign": {n("-0"), n("0.00")},
	} {
		assert.Equal(t, spell(pair[0]), spell(pair[1]), name)
	}
	list := func(values ...types.AttributeValue) string { return spell(&types.AttributeValueMemberL{Value: values}) }
	assert.NotEqual(t, list(n("1"), n("2")), list(n("2"), n("1")), "a list has an order")
	assert.NotEqual(t, list(str("a,b")), list(str("a"), str("b")))
	assert.NotEqual(t, spell(&types.AttributeValueMemberM{Value: row{"a": str("b")}}), spell(&types.AttributeValueMemberM{Value: row{"b": str("a")}}))
}

func TestAComparisonNamesWhatIsLostChangedAndExtra(t *testing.T) {
	wanted, found := sums{"a": {1}, "b": {2}, "c": {3}, "d": {4}, "e": {5}, "f": {6}}, sums{"a": {1}, "b": {9}, "z": {7}}
	c := compare(wanted, found)
	assert.Equal(t, "1 the same, 4 lost, 1 changed, 1 extra", c.String())
	assert.Equal(t, "6 the same, 0 lost, 0 changed, 0 extra", c.wanted())
	assert.Equal(t, []string{"lost: c, d, e and 1 more", "changed: b", "extra: z"}, c.offenders())
	assert.False(t, c.whole())
	assert.True(t, compare(found, found).whole())
	assert.False(t, compare(sums{}, sums{}).whole(), "nothing is no proof")
}

func TestCorruptionTouchesTheDrillsRowsOnlyAndAllOfItCanBeTakenBack(t *testing.T) {
	seeding := labs.Seeding{Seed: 3, Rows: 100}
	rows := seededRows("order", seeding)
	c := corrupt("order", rows)
	assert.Equal(t, "27 rows have a price of 0, 20 are deleted, and 7 that nobody ordered are there", c.String())
	taken := map[string]bool{}
	for _, key := range drillKeys("order", seeding) {
		assert.False(t, taken[key], "a batch names no row twice")
		taken[key] = true
	}
	touched := map[string]bool{}
	for _, request := range c.requests("order") {
		var key string
		if request.PutRequest != nil {
			key = keyOf(request.PutRequest.Item, "order")
		} else {
			key = keyOf(request.DeleteRequest.Key, "order")
		}
		assert.True(t, isDrills(key) && taken[key], key)
		assert.False(t, touched[key], "a batch names no row twice")
		touched[key] = true
	}
	assert.Len(t, touched, 54)
	assert.NotEmpty(t, corrupt("order", seededRows("order", labs.Seeding{Rows: 20})).Added, "the fewest rows that the drill takes are spoiled in every way")
}

// busyTable processes some of each batch only.
type busyTable struct {
	written []types.WriteRequest
	takes   []int // how many of each batch, in turn; the last one repeats
	calls   int
	err     error
}

func (b *busyTable) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	if b.err != nil {
		return nil, b.err
	}
	requests := in.RequestItems["orders"]
	n := min(b.takes[min(b.calls, len(b.takes)-1)], len(requests))
	b.calls++
	b.written = append(b.written, requests[:n]...)
	out := &dynamodb.BatchWriteItemOutput{}
	if n < len(requests) {
		out.UnprocessedItems = map[string][]types.WriteRequest{"orders": requests[n:]}
	}
	return out, nil
}

func TestWhatABatchDidNotGetToIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := puts(seededRows("order", labs.Seeding{Seed: 1, Rows: 60}))
		table, shown := &busyTable{takes: []int{25, 0, 3, 25}}, []int{}
		require.NoError(t, writeAll(t.Context(), table, "orders", requests, func(done int) { shown = append(shown, done) }))
		assert.ElementsMatch(t, requests, table.written)
		assert.Equal(t, []int{25, 25, 28, 53, 60}, shown)
	})
}

func TestWritingEndsWhenNothingIsTakenOrWantedAnyMore(t *testing.T) {
	requests := puts(seededRows("order", labs.Seeding{Seed: 1, Rows: 3}))
	none := func(int) {}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		require.ErrorContains(t, writeAll(t.Context(), &busyTable{takes: []int{0}}, "orders", requests, none), "3 rows unprocessed again and again")
		assert.Greater(t, time.Since(began), 10*time.Second, "not at once")

		ctx, interrupt := context.WithTimeout(t.Context(), time.Second)
		defer interrupt()
		require.ErrorIs(t, writeAll(ctx, &busyTable{takes: []int{0}}, "orders", requests, none), context.DeadlineExceeded)
		require.ErrorContains(t, writeAll(t.Context(), &busyTable{err: errors.New("no such table")}, "orders", requests, none), "no such table")
	})
}
