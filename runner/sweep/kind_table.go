package sweep

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type tableAPI interface {
	dynamodb.ListTablesAPIClient
	dynamodb.DescribeTableAPIClient
	ListTagsOfResource(context.Context, *dynamodb.ListTagsOfResourceInput, ...func(*dynamodb.Options)) (*dynamodb.ListTagsOfResourceOutput, error)
	UpdateTable(context.Context, *dynamodb.UpdateTableInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error)
	DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error)
}

// tables are found by name, and by what the tagging API knows.
type tables struct{ api tableAPI }

func (h tables) list(ctx context.Context, also []string) ([]found, error) {
	var named []string
	err := eachPage(ctx, dynamodb.NewListTablesPaginator(h.api, &dynamodb.ListTablesInput{}), func(page *dynamodb.ListTablesOutput) {
		for _, name := range page.TableNames {
			if strings.HasPrefix(name, namePrefix) || slices.Contains(also, name) {
				named = append(named, name)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return lookUp(named, func(name string) (found, error) {
		table, err := h.api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)})
		if err != nil {
			return found{}, err
		}
		f := found{id: name, name: name, arn: aws.ToString(table.Table.TableArn), tags: map[string]string{}}
		for in := (&dynamodb.ListTagsOfResourceInput{ResourceArn: table.Table.TableArn}); ; {
			out, err := h.api.ListTagsOfResource(ctx, in)
			if err != nil {
				return found{}, err
			}
			for _, t := range out.Tags {
				f.tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return f, nil
			}
		}
	})
}

// delete switches the deletion protection off, which a lab's table may well have.
func (h tables) delete(ctx context.Context, id string, _ map[string]bool) error {
	name := aws.String(id)
	out, err := h.api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: name})
	if err != nil {
		return err
	}
	if out.Table.TableStatus == types.TableStatusDeleting {
		return nil
	}
	if aws.ToBool(out.Table.DeletionProtectionEnabled) {
		_, err := h.api.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: name, DeletionProtectionEnabled: aws.Bool(false)})
		if err != nil {
			return err
		}
	}
	_, err = h.api.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: name})
	return err
}
