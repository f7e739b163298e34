package networking

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"labctl/checks/reach"
	"labctl/labs"
)

// endpointFault is a fault that consists of one attribute of an endpoint. Before is what the record keeps of it; set
// makes the request that puts a value in force.
func endpointFault(fault labs.Fault, kind string, before func(*architecture, reach.VpcEndpoint) (string, error), after string, set func(*ec2.ModifyVpcEndpointInput, string, bool)) labs.Fault {
	type kept struct{ Endpoint, Value string }
	modify := func(ctx context.Context, live labs.Live, endpoint, value string, undo bool) error {
		in := &ec2.ModifyVpcEndpointInput{VpcEndpointId: &endpoint}
		set(in, value, undo)
		_, err := ec2.NewFromConfig(live.Config).ModifyVpcEndpoint(ctx, in)
		if err := labs.Unless(err, "InvalidVpcEndpointId.NotFound", "RouteAlreadyExists"); err != nil {
			return fmt.Errorf("changing endpoint %s: %w", endpoint, err)
		}
		return nil
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		endpoint, err := a.endpointIn(kind)
		if err != nil {
			return err
		}
		value, err := before(a, endpoint)
		if err != nil {
			return err
		}
		if err := labs.Remember(record, "endpoint", kept{endpoint.VpcEndpointId, value}); err != nil {
			return err
		}
		if after != "" {
			value = after
		}
		return modify(ctx, live, endpoint.VpcEndpointId, value, false)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var was kept
		if found, err := labs.Recall(record, "endpoint", &was); err != nil || !found {
			return err
		}
		return modify(ctx, live, was.Endpoint, was.Value, true)
	}
	return fault
}

func s3Unassociated() labs.Fault {
	return endpointFault(labs.Fault{
		ID:     "s3-unassociated",
		Title:  "The database's nightly export to S3 runs into a timeout.",
		Answer: "The S3 gateway endpoint is no longer associated with the data tier's route table.",
		Breaks: []string{"net-gw-endpoint"},
		Hints: []string{
			"The application tier's exports work.",
			"A gateway endpoint serves only the route tables that it is associated with.",
			"Look for S3's prefix list in the data tier's route table.",
		},
	}, "Gateway", func(a *architecture, _ reach.VpcEndpoint) (string, error) {
		table, _, err := a.tableOf(dataTier, 0)
		return table, err
	}, "", func(in *ec2.ModifyVpcEndpointInput, table string, undo bool) {
		if undo {
			in.AddRouteTableIds = []string{table}
		} else {
			in.RemoveRouteTableIds = []string{table}
		}
	})
}

func endpointFullAccess() labs.Fault {
	return endpointFault(labs.Fault{
		ID:     "endpoint-full-access",
		Title:  "A penetration tester copied data to a bucket of her own, without ever touching the internet.",
		Answer: "The S3 endpoint's policy was replaced by the default one, which allows everything to everybody.",
		Breaks: []string{"net-endpoint-policy"},
		Hints: []string{
			"She used credentials of her own account from inside the VPC.",
			"The endpoint is the way. It can say who may use it, and for what.",
			"Read the policy of the S3 endpoint.",
		},
	}, "Gateway", func(_ *architecture, endpoint reach.VpcEndpoint) (string, error) {
		return endpoint.PolicyDocument, nil
	}, fullAccess, func(in *ec2.ModifyVpcEndpointInput, document string, _ bool) {
		in.PolicyDocument = &document
	})
}

func endpointNoPrivateDNS() labs.Fault {
	return endpointFault(labs.Fault{
		ID:     "endpoint-no-private-dns",
		Title:  "KMS requests of the application leave by the NAT gateway, past an endpoint that is up.",
		Answer: "Private DNS of the KMS interface endpoint was switched off.",
		Breaks: []string{"net-if-endpoint"},
		Hints: []string{
			"The endpoint answers when it is asked by its own name.",
			"By which name does the application ask for KMS, and what does that resolve to?",
			"Look at the DNS setting of the interface endpoint.",
		},
	}, "Interface", func(*architecture, reach.VpcEndpoint) (string, error) {
		return "on", nil
	}, "off", func(in *ec2.ModifyVpcEndpointInput, setting string, _ bool) {
		in.PrivateDnsEnabled = aws.Bool(setting == "on")
	})
}
