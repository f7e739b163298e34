package reach

import "fmt"

// blockMode is what VPC Block Public Access does to a subnet's packets at internet gateways; anything else than these two is off.
type blockMode string

const (
	// blockBoth stops all packets, those of egress-only gateways too.
	blockBoth blockMode = "block-bidirectional"
	// blockIngress leaves what only lets connections out: NAT gateways and egress-only gateways.
	blockIngress blockMode = "block-ingress"
)

// mode is the mode of a VPC or a subnet, or the one that it has from where it is. A subnet's own already heeds the exclusions.
func (s *BlockPublicAccessStates) mode(inherited blockMode) blockMode {
	if s == nil || s.InternetGatewayBlockMode == "" {
		return inherited
	}
	return blockMode(s.InternetGatewayBlockMode)
}

// publicAccess stops packets between a host and the internet where VPC Block Public Access does.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
func (w *walk) publicAccess(f flow, h *host, c Component, gateway string) bool {
	s := h.subnet
	letsOut := h.kind == natHost || c == ComponentEgressOnly
	if s.block != blockBoth && (s.block != blockIngress || letsOut) {
		return true
	}
	w.drop(f, c, gateway, Drops,
		func() string {
			return fmt.Sprintf("VPC Block Public Access is on for %s (%s), so %s drops the packet.", s.id, s.block, gateway)
		},
		func() string { return fmt.Sprintf("Exclude %s from VPC Block Public Access, or switch it off.", s.id) })
	return false
}
