package backup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"labctl/labs"
)

// orderTable is a table that a drill works on.
type orderTable struct {
	resource
	Key string // name of its key, which is a string
}

// tables are what the drills ask of DynamoDB.
type tables struct {
	api  *dynamodb.Client
	tags map[string]string // of the run
}

func tablesOf(live labs.Live) tables { return tables{dynamodb.NewFromConfig(live.Config), live.Tags} }

// planTable finds the table of the orders. The rows that the drills make fit a table whose key is one string.
func planTable(ctx context.Context, live labs.Live) (orderTable, error) {
	found, err := holding(ctx, live, kindTable, roleOrders)
	if err != nil {
		return orderTable{}, err
	}
	d, err := tablesOf(live).describe(ctx, found.Name)
	if err != nil {
		return orderTable{}, err
	}
	t := orderTable{resource: found}
	if len(d.KeySchema) == 1 {
		for _, attribute := range d.AttributeDefinitions {
			if aws.ToString(attribute.AttributeName) == aws.ToString(d.KeySchema[0].AttributeName) && attribute.AttributeType == types.ScalarAttributeTypeS {
				t.Key = aws.ToString(attribute.AttributeName)
			}
		}
	}
	if t.Key == "" {
		return t, labs.Lacks("table %s has another key than one string, and the rows of the drills have none", t.Name)
	}
	return t, nil
}

// holding is what holds data and plays a part, and says what was promised for it. Copies that were restored do not count.
func holding(ctx context.Context, live labs.Live, what kind, role string) (resource, error) {
	a, err := readArchitecture(ctx, live.Inventory)
	if err != nil {
		return resource{}, err
	}
	for _, r := range a.of(what) {
		if !a.plays(r.Tags, role) || strings.HasPrefix(r.Name, restored(live, "")) {
			continue
		}
		if r.RPO == 0 || r.RTO == 0 {
			return r, labs.Lacks("%s states no %s or no %s: there is nothing to compare with", r, rpoTag, rtoTag)
		}
		return r, nil
	}
	return resource{}, labs.Lacks("%s", a.nothing(string(what), role))
}

func (t tables) describe(ctx context.Context, table string) (*types.TableDescription, error) {
	got, err := t.api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return nil, fmt.Errorf("reading table %s: %w", table, err)
	}
	return got.Table, nil
}

var errNoDate = errors.New("asking for the time: the answer has no date")

// now is what the clock says by which the table's history is kept, in whole seconds.
func (t tables) now(ctx context.Context, table string) (time.Time, error) {
	got, err := t.api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return time.Time{}, fmt.Errorf("asking for the time: %w", err)
	}
	at, ok := awsmiddleware.GetServerTime(got.ResultMetadata)
	if !ok {
		return time.Time{}, errNoDate
	}
	return at.UTC(), nil
}

func (t tables) readTags(ctx context.Context, arn string) (map[string]string, error) {
	tags := map[string]string{}
	in := &dynamodb.ListTagsOfResourceInput{ResourceArn: &arn}
	for {
		got, err := t.api.ListTagsOfResource(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("reading the tags of %s: %w", arn, err)
		}
		for _, tag := range got.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		if got.NextToken == nil {
			return tags, nil
		}
		in.NextToken = got.NextToken
	}
}

func (t tables) tag(ctx context.Context, arn string, tags map[string]string) error {
	var list []types.Tag
	for key, value := range tags {
		list = append(list, types.Tag{Key: &key, Value: &value})
	}
	if _, err := t.api.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: &arn, Tags: list}); err != nil {
		return fmt.Errorf("tagging %s: %w", arn, err)
	}
	return nil
}

// pageSize is how many rows a scan reads at a time: few enough to see it come on.
const pageSize = 500

// scan reads all rows.
func (t tables) scan(ctx context.Context, table string, show func(done int)) ([]row, error) {
	var rows []row
	pages := dynamodb.NewScanPaginator(t.api, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true), Limit: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the rows of %s: %w", table, err)
		}
		rows = append(rows, page.Items...)
		show(len(rows))
	}
	return rows, nil
}

func (t tables) write(ctx context.Context, table string, requests []types.WriteRequest, show func(done int)) error {
	return writeAll(ctx, t.api, table, requests, show)
}

// batchWriter is what writing many rows takes.
type batchWriter interface {
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
}

// A batch holds 25 requests at most, and what DynamoDB did not get to comes back to be sent again, after a pause that grows.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
const (
	batchSize  = 25
	firstPause = 50 * time.Millisecond
	longPause  = 5 * time.Second
	mostTries  = 20 // without any progress
)

func writeAll(ctx context.Context, api batchWriter, table string, requests []types.WriteRequest, show func(done int)) error {
	total, tries, pause := len(requests), 0, firstPause
	for len(requests) > 0 {
		n := min(batchSize, len(requests))
		got, err := api.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: requests[:n]}})
		if err != nil {
			return fmt.Errorf("writing to table %s: %w", table, err)
		}
		left := got.UnprocessedItems[table]
		requests = append(left[:len(left):len(left)], requests[n:]...)
		show(total - len(requests))
		if len(left) < n {
			tries = 0
		}
		if len(left) == 0 {
			pause = firstPause
			continue
		}
		if tries++; tries > mostTries {
			return fmt.Errorf("writing to table %s: DynamoDB leaves %d rows unprocessed again and again", table, len(left))
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, longPause)
	}
	return nil
}

// whole waits until a table is there with all its rows.
func (t tables) whole(ctx context.Context, table string, tell func(string)) (*types.TableDescription, error) {
	return poll(ctx, tell, func() (*types.TableDescription, string, error) {
		d, err := t.describe(ctx, table)
		if err != nil {
			return nil, "", err
		}
		restoring := d.RestoreSummary != nil && aws.ToBool(d.RestoreSummary.RestoreInProgress)
		if d.TableStatus == types.TableStatusActive && !restoring {
			return d, "", nil
		}
		return nil, fmt.Sprintf("table %s is %s", table, d.TableStatus), nil
	})
}

// remove deletes a table that a drill has made, and waits until it is gone. Without recovery it leaves no backup of its last
// state. One that is still being restored cannot be deleted: that is waited for, as long as ctx lasts.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
func (t tables) remove(ctx context.Context, table string) error {
	const gone, notThere = "ResourceNotFoundException", "TableNotFoundException"
	d, err := t.whole(ctx, table, func(string) {})
	if labs.IsCode(err, gone) {
		return nil
	}
	if err != nil {
		return err
	}
	if aws.ToBool(d.DeletionProtectionEnabled) {
		if _, err := t.api.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &table, DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
			return fmt.Errorf("taking the protection off table %s: %w", table, err)
		}
	}
	if err := t.recover(ctx, table, &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(false)}); err != nil {
		return labs.Unless(err, gone, notThere)
	}
	if _, err := t.whole(ctx, table, func(string) {}); err != nil {
		return labs.Unless(err, gone)
	}
	if _, err := t.api.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table}); err != nil {
		return labs.Unless(fmt.Errorf("deleting table %s: %w", table, err), gone)
	}
	_, err = poll(ctx, func(string) {}, func() (bool, string, error) {
		_, err := t.describe(ctx, table)
		if labs.IsCode(err, gone) {
			return true, "", nil
		}
		return false, "table " + table + " is being deleted", err
	})
	return err
}

// recover switches point-in-time recovery on or off, which a table that is young does not take at once.
func (t tables) recover(ctx context.Context, table string, spec *types.PointInTimeRecoverySpecification) error {
	err := untilFree(ctx, func() error {
		_, err := t.api.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{TableName: &table, PointInTimeRecoverySpecification: spec})
		return err //nolint:wrapcheck // wrapped below
	}, "ContinuousBackupsUnavailableException")
	if err != nil {
		return fmt.Errorf("switching the recovery of table %s: %w", table, err)
	}
	return nil
}

// poll looks again and again, with growing pauses, until what is asked for is there: then the second answer is empty. It
// tells what it waits for, now and then. Whoever calls it bounds ctx.
func poll[T any](ctx context.Context, tell func(string), look func() (found T, waiting string, err error)) (T, error) {
	began, told := time.Now(), time.Now()
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		found, waiting, err := look()
		if err != nil || waiting == "" {
			return found, err
		}
		if time.Since(told) > tellAgain {
			told = time.Now()
			tell(fmt.Sprintf("After %s, %s.", time.Since(began).Round(time.Second), waiting))
		}
		if err := sleep(ctx, pause); err != nil {
			return found, fmt.Errorf("waiting: %s: %w", waiting, err)
		}
	}
}
