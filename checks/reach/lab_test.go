package reach

// lab is a small copy of the networking lab: prod over two zones with IPv6, shared and dev, two peerings.
func lab() *builder {
	b := &builder{}
	b.vpc("vpc-prod", "10.16.0.0/16", "2001:db8:16::/56")
	b.vpc("vpc-shared", "10.17.0.0/16")
	b.vpc("vpc-dev", "10.18.0.0/16")
	b.subnet("subnet-pub-a", "vpc-prod", "a", "10.16.0.0/24", "2001:db8:16:0::/64")
	b.subnet("subnet-pub-b", "vpc-prod", "b", "10.16.1.0/24", "2001:db8:16:1::/64")
	b.subnet("subnet-app-a", "vpc-prod", "a", "10.16.10.0/24", "2001:db8:16:10::/64")
	b.subnet("subnet-app-b", "vpc-prod", "b", "10.16.11.0/24", "2001:db8:16:11::/64")
	b.subnet("subnet-data-a", "vpc-prod", "a", "10.16.20.0/24", "2001:db8:16:20::/64")
	b.subnet("subnet-data-b", "vpc-prod", "b", "10.16.21.0/24", "2001:db8:16:21::/64")
	b.subnet("subnet-tools", "vpc-shared", "a", "10.17.0.0/24")
	b.subnet("subnet-dev", "vpc-dev", "a", "10.18.0.0/24")
	b.igw("igw-prod", "vpc-prod")
	b.eigw("eigw-prod", "vpc-prod")
	b.nat("nat-a", "subnet-pub-a", "10.16.0.10", "198.18.0.10")
	b.nat("nat-b", "subnet-pub-b", "10.16.1.10", "198.18.0.11")
	b.gatewayEndpoint("vpce-s3", "vpc-prod", "pl-s3", "52.218.0.0/17", "3.5.64.0/21")
	b.peering("pcx-prod-shared", "vpc-prod", "vpc-shared", "active")
	b.peering("pcx-dev-shared", "vpc-dev", "vpc-shared", "active")
	b.table("rtb-prod-main", "vpc-prod", []string{"main"})
	b.table("rtb-pub", "vpc-prod", []string{"subnet-pub-a", "subnet-pub-b"}, "0.0.0.0/0 igw-prod", "::/0 igw-prod")
	b.table("rtb-app-a", "vpc-prod", []string{"subnet-app-a"}, "0.0.0.0/0 nat-a", "::/0 eigw-prod", "pl-s3 vpce-s3", "10.17.0.0/24 pcx-prod-shared")
	b.table("rtb-app-b", "vpc-prod", []string{"subnet-app-b"}, "0.0.0.0/0 nat-b", "::/0 eigw-prod", "pl-s3 vpce-s3", "10.17.0.0/24 pcx-prod-shared")
	b.table("rtb-data", "vpc-prod", []string{"subnet-data-a", "subnet-data-b"}, "pl-s3 vpce-s3")
	b.table("rtb-tools", "vpc-shared", []string{"subnet-tools"}, "10.16.10.0/24 pcx-prod-shared", "10.16.11.0/24 pcx-prod-shared", "10.18.0.0/24 pcx-dev-shared")
	b.table("rtb-dev", "vpc-dev", []string{"main"}, "10.17.0.0/24 pcx-dev-shared")
	b.acl("acl-data", "vpc-prod", []string{"subnet-data-a", "subnet-data-b"},
		"100 in allow tcp/5432 10.16.10.0/24", "110 in allow tcp/5432 10.16.11.0/24", "120 in allow tcp/1024-65535 0.0.0.0/0",
		"100 out allow tcp/1024-65535 10.16.10.0/24", "110 out allow tcp/1024-65535 10.16.11.0/24", "120 out allow tcp/443 0.0.0.0/0")
	b.group("sg-web", "vpc-prod", "in tcp/443 0.0.0.0/0", "in tcp/443 ::/0", "out all 0.0.0.0/0", "out all ::/0")
	b.group("sg-app", "vpc-prod", "in tcp/8080 sg-web", "out all 0.0.0.0/0", "out all ::/0")
	b.group("sg-db", "vpc-prod", "in tcp/5432 sg-app")
	b.group("sg-tools", "vpc-shared", "in tcp/443 sg-app", "in tcp/443 10.18.0.0/16")
	b.group("sg-dev", "vpc-dev", "out all 0.0.0.0/0")
	b.eni("eni-web-a", "subnet-pub-a", "10.16.0.5", []string{"sg-web"}, "public:198.18.0.5", "2001:db8:16::5")
	b.eni("eni-web-b", "subnet-pub-b", "10.16.1.5", []string{"sg-web"}, "public:198.18.0.6", "2001:db8:16:1::5")
	b.eni("eni-app-a", "subnet-app-a", "10.16.10.5", []string{"sg-app"}, "2001:db8:16:10::5")
	b.eni("eni-app-b", "subnet-app-b", "10.16.11.5", []string{"sg-app"}, "2001:db8:16:11::5")
	b.eni("eni-db-a", "subnet-data-a", "10.16.20.5", []string{"sg-db"})
	b.eni("eni-db-b", "subnet-data-b", "10.16.21.5", []string{"sg-db"})
	b.eni("eni-tools", "subnet-tools", "10.17.0.5", []string{"sg-tools"})
	b.eni("eni-dev", "subnet-dev", "10.18.0.5", []string{"sg-dev"})
	return b
}
