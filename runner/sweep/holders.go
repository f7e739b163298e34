package sweep

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// explainer is a handler that can say what holds a resource. EC2's DependencyViolation
// does not.
type explainer interface {
	holders(ctx context.Context, id string) (string, error)
}

// interfaceHolders finds the network interfaces that keep a VPC, a subnet or a security
// group from being deleted. Those that AWS manages name their owner in the description,
// such as "ELB app/shop/50dc6c495c0c9188": often of a kind that no handler covers.
type interfaceHolders struct {
	interfaces ec2.DescribeNetworkInterfacesAPIClient
	filter     string // by which interfaces are asked for
}

func (h interfaceHolders) holders(ctx context.Context, id string) (string, error) {
	var held []string
	pages := ec2.NewDescribeNetworkInterfacesPaginator(h.interfaces, &ec2.DescribeNetworkInterfacesInput{
		Filters: []types.Filter{{Name: aws.String(h.filter), Values: []string{id}}},
	})
	err := eachPage(ctx, pages, func(page *ec2.DescribeNetworkInterfacesOutput) {
		for _, i := range page.NetworkInterfaces {
			held = append(held, strings.TrimSpace(fmt.Sprintf("%s %s", aws.ToString(i.NetworkInterfaceId), aws.ToString(i.Description))))
		}
	})
	if err != nil || len(held) == 0 {
		return "", err
	}
	return "network interfaces use it: " + strings.Join(held, ", "), nil
}

// explain adds to a refusal what holds the resource, where that can be found out.
func explain(ctx context.Context, k kind, id string, err error) error {
	h, ok := k.handler.(explainer)
	if !ok || !isBusy(err) {
		return err
	}
	held, lookErr := h.holders(ctx, id)
	if lookErr != nil || held == "" {
		return err
	}
	return fmt.Errorf("%s: %w", held, err)
}
