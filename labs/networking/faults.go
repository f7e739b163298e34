package networking

import "labctl/labs"

// allFaults are the lab's faults, in the order of the checks that they break.
func allFaults() []labs.Fault {
	return []labs.Fault{
		dataOneZone(),
		dataNATRoute(), dataMainTable(),
		edgeSSH(),
		databaseReplyPorts(), databaseEarlyDeny(),
		databaseOpenVPC(),
		natSharedZone(), natNoInternet(),
		defaultGroupOpen(),
		mainInternetRoute(),
		deadTarget(),
		s3Unassociated(), s3LongerPrefix(),
		endpointFullAccess(),
		endpointNoPrivateDNS(),
		devProdPeering(),
		peeringWidened(), peeringOneWay(),
		overlapDatacentre(),
		tinySubnet(),
		dnsHostnamesOff(),
		v6InternetGateway(),
		autoPublicIP(),
		flowRejectOnly(), flowRoleSilent(),
	}
}
