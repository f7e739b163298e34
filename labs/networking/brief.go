package networking

import "labctl/labs"

const scenario = `
A payments firm runs three VPCs in one region over two Availability Zones: prod, dev, and shared services. Customers
reach prod over HTTPS, on IPv4 and IPv6. Behind the public tier stands the application, behind that the database with
card data, and card data must have no path to the internet.

Developers work in dev and must never reach prod. Both environments use the tooling in shared services, and nothing
else of each other.

The application calls partners on the internet, keeps documents in one S3 bucket and keys in KMS. Losing one zone must
not break the other zone's egress. The auditors want a record of every VPC's traffic and an answer to one question:
with whose credentials, and to which bucket, can data leave through the firm's endpoints?

The data centre reserves 10.0.0.0/13 for itself and will be connected next year. The budget is 0.20 USD an hour.
`

const architectureDrawing = `
                                internet
             443, IPv4 and IPv6   |   ^             ^ IPv6, out only
                                  v   |             |
+-- prod 10.16.0.0/16, IPv6 -- internet gateway -- egress-only gateway --+
|                                                                        |
|          zone a                              zone b                    |
|   +-----------------------+          +-----------------------+         |
|   | public 10.16.0.0/24   |          | public 10.16.1.0/24   |         |
|   |   host         NAT a  |          |   host         NAT b  |         |
|   +-----|------------^----+          +-----|------------^----+         |
|     443 |            | 0.0.0.0/0       443 |            | 0.0.0.0/0    |
|   +-----v------------|----+          +-----v------------|----+         |
|   | app    10.16.16.0/24  |          | app    10.16.17.0/24  |         |
|   |   host   KMS endpoint |          |   host   KMS endpoint |         |
|   +-----|-----------------+          +-----|-----------------+         |
|    5432 | any zone                    5432 | any zone                  |
|   +-----v-----------------+          +-----v-----------------+         |
|   | data   10.16.32.0/24  |          | data   10.16.33.0/24  |         |
|   |   database            |          |   database            |         |
|   +-----------------------+          +-----------------------+         |
|                                                                        |
|   app and data -> S3 gateway endpoint -> the one bucket                |
+-----------------------------|------------------------------------------+
        peering prod-shared   |  routes: app subnets <-> shared subnets
+-- shared 10.48.0.0/16 ------|------------------------------------------+
|   zone a  10.48.0.0/24  tooling      zone b  10.48.1.0/24  tooling     |
+-----------------------------|------------------------------------------+
        peering dev-shared    |  routes: dev subnets <-> shared subnets
+-- dev 10.32.0.0/16 ---------|------------------------------------------+
|   zone a  10.32.0.0/24  workloads    zone b  10.32.1.0/24  workloads   |
+------------------------------------------------------------------------+

dev and prod: no path. Every VPC: flow logs of all traffic, a closed default
security group, a local-only main route table, a network ACL for each tier.
`

// The requirements by name, so that a check says which one it proves.
const (
	zoneLoss = iota + 1
	cardData
	customers
	database
	environments
	privateServices
	outbound
	addressPlan
	closedDefaults
	records
	budget
)

func requirements() []labs.Requirement {
	return []labs.Requirement{
		{Number: zoneLoss, Text: "The loss of one zone leaves every tier standing, and the other zone's way to the internet with it."},
		{Number: cardData, Text: "The data tier has no path to the internet, in either address family, however a host in it is configured."},
		{Number: customers, Text: "Customers on the internet reach the public tier over HTTPS; they reach nothing else."},
		{Number: database, Text: "The application, and nothing but the application, reaches the database, from every zone."},
		{Number: environments, Text: "Dev and prod never reach each other. Both reach the shared tooling, and of each other's networks no more than that takes."},
		{Number: privateServices, Text: "S3 and KMS are used without the internet, and only by the firm's own principals; through the S3 endpoint only the firm's own bucket can be reached."},
		{Number: outbound, Text: "Private hosts open connections to the internet and cannot be reached from it; they have no public addresses."},
		{Number: addressPlan, Text: "No range overlaps another or the data centre's 10.0.0.0/13, every subnet has room to grow, and names resolve in and between the VPCs."},
		{Number: closedDefaults, Text: "What nobody configured admits nothing: a host without a group, a subnet without a route table, a route without a target."},
		{Number: records, Text: "All traffic of every VPC is on record."},
		{Number: budget, Text: "The architecture costs at most 0.20 USD an hour."},
	}
}
