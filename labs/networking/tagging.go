package networking

// tagging tells somebody who brings an architecture of their own what the checks look for.
const tagging = `Give the tag to the three VPCs, with labctl:role = prod, dev or shared, and to the S3 bucket that the
endpoint may reach. Inside the VPCs, give subnets, network interfaces and security groups the labctl:role of their tier:
public, app or data in prod, dev in dev, shared in shared. Whatever else is in the VPCs is found by what it is attached to.`
