package reach_test

import (
	"fmt"
	"os"

	"labctl/checks/reach"
)

// A must-reach question: does the app tier's interface reach the database's, replies included?
func ExampleEngine_Trace() {
	file, err := os.Open("testdata/lab.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	network, err := reach.Decode(file)
	if err := file.Close(); err != nil {
		fmt.Println(err)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	engine := reach.New(network)
	from, _ := engine.Endpoint("eni-app-b")
	to, _ := engine.Endpoint("eni-db-b")
	answer := engine.Trace(reach.Query{From: from, To: to, Protocol: reach.TCP, Ports: reach.PortRange{From: 5432, To: 5432}})
	fmt.Println(answer.Verdict, answer.Works)
	fmt.Println(answer.BlockedBy.Explanation)
	fmt.Println(answer.BlockedBy.Change)
	// Output:
	// partial [tcp/5432 from client ports 32768-49999]
	// Network ACL acl-data, out of subnet subnet-data-b: rule 50 denies tcp/50000-60999 to 10.16.11.0/24; rule 110 allows tcp/32768-49999 to 10.16.11.0/24.
	// Remove outbound rule 50 of acl-data, or allow tcp/50000-60999 to 10.16.11.5 with a lower number.
}

// A must-never-reach question: does anything but HTTPS to the public tier get in from the internet?
func ExampleEngine_Any() {
	network := &reach.Network{
		Vpcs:              []reach.Vpc{{VpcId: "vpc-1", CidrBlock: "10.0.0.0/16"}},
		Subnets:           []reach.Subnet{{SubnetId: "subnet-public", VpcId: "vpc-1", CidrBlock: "10.0.0.0/24"}},
		InternetGateways:  []reach.InternetGateway{{InternetGatewayId: "igw-1", Attachments: []reach.GatewayAttachment{{State: "available", VpcId: "vpc-1"}}}},
		RouteTables:       []reach.RouteTable{{RouteTableId: "rtb-1", VpcId: "vpc-1", Associations: []reach.RouteTableAssociation{{Main: true}}, Routes: []reach.Route{{DestinationCidrBlock: "0.0.0.0/0", GatewayId: "igw-1"}}}},
		SecurityGroups:    []reach.SecurityGroup{{GroupId: "sg-1", IpPermissions: []reach.IpPermission{{IpProtocol: "-1", IpRanges: []reach.IpRange{{CidrIp: "203.0.113.0/25"}}}}}},
		NetworkInterfaces: []reach.NetworkInterface{{NetworkInterfaceId: "eni-1", SubnetId: "subnet-public", PrivateIpAddress: "10.0.0.5", Association: &reach.InterfaceAssociation{PublicIp: "198.51.100.9"}, Groups: []reach.GroupIdentifier{{GroupId: "sg-1"}}}},
	}
	leak, err := reach.New(network).Any(reach.Question{
		From:   reach.Internet(),
		To:     reach.VPCs("vpc-1"),
		Except: []reach.Packets{{Protocol: reach.TCP, Ports: reach.PortRange{From: 443, To: 443}, To: reach.Subnets("subnet-public")}},
	})
	fmt.Println(err, leak.Found, leak.Certain)
	fmt.Println(leak.Witness)
	// Output:
	// <nil> true true
	// tcp/22 from internet (203.0.113.0) to eni-1 (10.0.0.5)
}
