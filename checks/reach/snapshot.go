//nolint:revive // the names are the EC2 API's
package reach

// The types in this file carry the field names of the EC2 API's Describe answers, which are also those that the AWS CLI
// prints, reduced to what the engine and the labs' checks read. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Types.html

// Network is a snapshot of the part of an account's network that decides where packets go, in one region.
type Network struct {
	Vpcs                         []Vpc                         `json:",omitempty"`
	Subnets                      []Subnet                      `json:",omitempty"`
	RouteTables                  []RouteTable                  `json:",omitempty"`
	NetworkAcls                  []NetworkACL                  `json:",omitempty"`
	SecurityGroups               []SecurityGroup               `json:",omitempty"`
	NetworkInterfaces            []NetworkInterface            `json:",omitempty"`
	InternetGateways             []InternetGateway             `json:",omitempty"`
	EgressOnlyInternetGateways   []EgressOnlyInternetGateway   `json:",omitempty"`
	NatGateways                  []NatGateway                  `json:",omitempty"`
	VpcEndpoints                 []VpcEndpoint                 `json:",omitempty"`
	VpcPeeringConnections        []VpcPeeringConnection        `json:",omitempty"`
	ManagedPrefixLists           []ManagedPrefixList           `json:",omitempty"`
	TransitGateways              []TransitGateway              `json:",omitempty"`
	TransitGatewayVpcAttachments []TransitGatewayVpcAttachment `json:",omitempty"`
	TransitGatewayRouteTables    []TransitGatewayRouteTable    `json:",omitempty"`
}

// Tag is a key and its value.
type Tag struct {
	Key   string
	Value string
}

// Tags are the tags of one resource.
type Tags []Tag

// Get returns the value of the tag with the key, and "" where there is none.
func (t Tags) Get(key string) string {
	for _, tag := range t {
		if tag.Key == key {
			return tag.Value
		}
	}
	return ""
}

// Vpc is an answer of DescribeVpcs.
type Vpc struct {
	VpcId                       string
	CidrBlock                   string                        `json:",omitempty"`
	CidrBlockAssociationSet     []VpcCidrBlockAssociation     `json:",omitempty"`
	Ipv6CidrBlockAssociationSet []VpcIpv6CidrBlockAssociation `json:",omitempty"`
	IsDefault                   bool                          `json:",omitempty"`
	BlockPublicAccessStates     *BlockPublicAccessStates      `json:",omitempty"`
	OwnerId                     string                        `json:",omitempty"`
	State                       string                        `json:",omitempty"`
	Tags                        Tags                          `json:",omitempty"`
}

// BlockPublicAccessStates says what VPC Block Public Access does to a VPC or a subnet: "off", "block-bidirectional" or "block-ingress".
type BlockPublicAccessStates struct {
	InternetGatewayBlockMode string `json:",omitempty"`
}

// VpcCidrBlockAssociation is an IPv4 range of a VPC.
type VpcCidrBlockAssociation struct {
	AssociationId  string `json:",omitempty"`
	CidrBlock      string `json:",omitempty"`
	CidrBlockState CidrState
}

// VpcIpv6CidrBlockAssociation is an IPv6 range of a VPC.
type VpcIpv6CidrBlockAssociation struct {
	AssociationId      string `json:",omitempty"`
	Ipv6CidrBlock      string `json:",omitempty"`
	Ipv6CidrBlockState CidrState
}

// CidrState says whether a range is in use: "associated" or "" count as such.
type CidrState struct {
	State         string `json:",omitempty"`
	StatusMessage string `json:",omitempty"`
}

// Subnet is an answer of DescribeSubnets.
type Subnet struct {
	SubnetId                    string
	VpcId                       string
	CidrBlock                   string                           `json:",omitempty"`
	Ipv6CidrBlockAssociationSet []SubnetIpv6CidrBlockAssociation `json:",omitempty"`
	AvailabilityZone            string                           `json:",omitempty"`
	AvailabilityZoneId          string                           `json:",omitempty"`
	AvailableIpAddressCount     int                              `json:",omitempty"`
	MapPublicIpOnLaunch         bool                             `json:",omitempty"`
	AssignIpv6AddressOnCreation bool                             `json:",omitempty"`
	BlockPublicAccessStates     *BlockPublicAccessStates         `json:",omitempty"`
	OwnerId                     string                           `json:",omitempty"`
	State                       string                           `json:",omitempty"`
	Tags                        Tags                             `json:",omitempty"`
}

// SubnetIpv6CidrBlockAssociation is an IPv6 range of a subnet.
type SubnetIpv6CidrBlockAssociation struct {
	AssociationId      string `json:",omitempty"`
	Ipv6CidrBlock      string `json:",omitempty"`
	Ipv6CidrBlockState CidrState
}

// RouteTable is an answer of DescribeRouteTables.
type RouteTable struct {
	RouteTableId    string
	VpcId           string
	Associations    []RouteTableAssociation `json:",omitempty"`
	Routes          []Route                 `json:",omitempty"`
	PropagatingVgws []PropagatingVgw        `json:",omitempty"`
	OwnerId         string                  `json:",omitempty"`
	Tags            Tags                    `json:",omitempty"`
}

// RouteTableAssociation ties a route table to a subnet or a gateway, or makes it the VPC's main one.
type RouteTableAssociation struct {
	RouteTableAssociationId string `json:",omitempty"`
	Main                    bool   `json:",omitempty"`
	SubnetId                string `json:",omitempty"`
	GatewayId               string `json:",omitempty"`
	AssociationState        AssociationState
}

// AssociationState is the state of a route table's association: "associated" or "" count as in force.
type AssociationState struct {
	State string `json:",omitempty"`
}

// PropagatingVgw names a virtual private gateway that propagates routes into a table.
type PropagatingVgw struct {
	GatewayId string `json:",omitempty"`
}

// Route is one route: exactly one destination and, of the target fields, exactly one.
// State is kept for the reader; the engine resolves the target itself.
type Route struct {
	DestinationCidrBlock        string `json:",omitempty"`
	DestinationIpv6CidrBlock    string `json:",omitempty"`
	DestinationPrefixListId     string `json:",omitempty"`
	GatewayId                   string `json:",omitempty"`
	NatGatewayId                string `json:",omitempty"`
	EgressOnlyInternetGatewayId string `json:",omitempty"`
	VpcPeeringConnectionId      string `json:",omitempty"`
	TransitGatewayId            string `json:",omitempty"`
	NetworkInterfaceId          string `json:",omitempty"`
	InstanceId                  string `json:",omitempty"`
	LocalGatewayId              string `json:",omitempty"`
	CarrierGatewayId            string `json:",omitempty"`
	CoreNetworkArn              string `json:",omitempty"`
	Origin                      string `json:",omitempty"`
	State                       string `json:",omitempty"`
}

// NetworkACL is an answer of DescribeNetworkAcls.
type NetworkACL struct {
	NetworkAclId string
	VpcId        string
	IsDefault    bool                    `json:",omitempty"`
	Associations []NetworkACLAssociation `json:",omitempty"`
	Entries      []NetworkACLEntry       `json:",omitempty"`
	OwnerId      string                  `json:",omitempty"`
	Tags         Tags                    `json:",omitempty"`
}

// NetworkACLAssociation ties a network ACL to a subnet.
type NetworkACLAssociation struct {
	NetworkAclAssociationId string `json:",omitempty"`
	SubnetId                string `json:",omitempty"`
}

// NetworkACLEntry is one numbered rule. Protocol is a number as text, "-1" for all.
type NetworkACLEntry struct {
	RuleNumber    int
	Egress        bool
	RuleAction    string
	Protocol      string
	CidrBlock     string        `json:",omitempty"`
	Ipv6CidrBlock string        `json:",omitempty"`
	PortRange     *PortRange    `json:",omitempty"`
	IcmpTypeCode  *IcmpTypeCode `json:",omitempty"`
}

// PortRange is a range of ports, ends included.
type PortRange struct {
	From int
	To   int
}

// IcmpTypeCode is an ICMP type and code, -1 for all.
type IcmpTypeCode struct {
	Type int
	Code int
}

// SecurityGroup is an answer of DescribeSecurityGroups.
type SecurityGroup struct {
	GroupId             string
	GroupName           string         `json:",omitempty"`
	Description         string         `json:",omitempty"`
	VpcId               string         `json:",omitempty"`
	IpPermissions       []IpPermission `json:",omitempty"`
	IpPermissionsEgress []IpPermission `json:",omitempty"`
	OwnerId             string         `json:",omitempty"`
	Tags                Tags           `json:",omitempty"`
}

// IpPermission allows a protocol and ports (for ICMP: type and code) from or to each of what it lists.
type IpPermission struct {
	IpProtocol       string
	FromPort         *int              `json:",omitempty"`
	ToPort           *int              `json:",omitempty"`
	IpRanges         []IpRange         `json:",omitempty"`
	Ipv6Ranges       []Ipv6Range       `json:",omitempty"`
	PrefixListIds    []PrefixListId    `json:",omitempty"`
	UserIdGroupPairs []UserIdGroupPair `json:",omitempty"`
}

// IpRange is an IPv4 range in a rule.
type IpRange struct {
	CidrIp      string
	Description string `json:",omitempty"`
}

// Ipv6Range is an IPv6 range in a rule.
type Ipv6Range struct {
	CidrIpv6    string
	Description string `json:",omitempty"`
}

// PrefixListId is a prefix list in a rule.
type PrefixListId struct {
	PrefixListId string
	Description  string `json:",omitempty"`
}

// UserIdGroupPair is a security group in a rule.
type UserIdGroupPair struct {
	GroupId                string
	UserId                 string `json:",omitempty"`
	VpcId                  string `json:",omitempty"`
	VpcPeeringConnectionId string `json:",omitempty"`
	PeeringStatus          string `json:",omitempty"`
	Description            string `json:",omitempty"`
}

// NetworkInterface is an answer of DescribeNetworkInterfaces.
type NetworkInterface struct {
	NetworkInterfaceId string
	VpcId              string
	SubnetId           string
	AvailabilityZone   string                 `json:",omitempty"`
	Description        string                 `json:",omitempty"`
	InterfaceType      string                 `json:",omitempty"`
	Status             string                 `json:",omitempty"`
	OwnerId            string                 `json:",omitempty"`
	RequesterManaged   bool                   `json:",omitempty"`
	SourceDestCheck    *bool                  `json:",omitempty"`
	PrivateIpAddress   string                 `json:",omitempty"`
	PrivateIpAddresses []PrivateIpAddress     `json:",omitempty"`
	Ipv6Addresses      []InterfaceIpv6Address `json:",omitempty"`
	Ipv4Prefixes       []Ipv4Prefix           `json:",omitempty"`
	Ipv6Prefixes       []Ipv6Prefix           `json:",omitempty"`
	Association        *InterfaceAssociation  `json:",omitempty"`
	Attachment         *InterfaceAttachment   `json:",omitempty"`
	Groups             []GroupIdentifier      `json:",omitempty"`
	TagSet             Tags                   `json:",omitempty"`
}

// PrivateIpAddress is one private IPv4 address of an interface, with the public one that belongs to it.
type PrivateIpAddress struct {
	PrivateIpAddress string
	Primary          bool                  `json:",omitempty"`
	Association      *InterfaceAssociation `json:",omitempty"`
}

// InterfaceIpv6Address is one IPv6 address of an interface.
type InterfaceIpv6Address struct {
	Ipv6Address string
}

// Ipv4Prefix is an IPv4 prefix delegated to an interface.
type Ipv4Prefix struct {
	Ipv4Prefix string
}

// Ipv6Prefix is an IPv6 prefix delegated to an interface.
type Ipv6Prefix struct {
	Ipv6Prefix string
}

// InterfaceAssociation is a public IPv4 address, elastic or assigned at launch.
type InterfaceAssociation struct {
	PublicIp     string
	AllocationId string `json:",omitempty"`
	IpOwnerId    string `json:",omitempty"`
}

// InterfaceAttachment names the instance that an interface is attached to.
type InterfaceAttachment struct {
	AttachmentId string `json:",omitempty"`
	InstanceId   string `json:",omitempty"`
	Status       string `json:",omitempty"`
}

// GroupIdentifier names a security group.
type GroupIdentifier struct {
	GroupId   string
	GroupName string `json:",omitempty"`
}
