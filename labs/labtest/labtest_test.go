package labtest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheMatrixShowsWhatWasClaimedAndWhatBroke(t *testing.T) {
	matrix := Matrix{
		Checks: []string{"tidy", "closed", "small"},
		Rows: []Row{
			{Fault: "open-door", Breaks: []string{"closed"}, Broken: []string{"closed"}, Undone: true, Exactly: true},
			{Fault: "mess", Breaks: []string{"tidy"}, Broken: []string{"small"}, Undone: true},
			{Fault: "stuck", Breaks: []string{"tidy"}, Broken: []string{"tidy"}},
		},
	}
	assert.Equal(t, ""+
		"           tidy\n"+
		"           |  closed\n"+
		"           |  |  small\n"+
		"open-door  .  X  .  undone\n"+
		"mess       ?  .  !  undone, but not as before\n"+
		"stuck      X  .  .  NOT UNDONE\n", matrix.String())
}

func TestADifferenceListsTheLinesOfOneSideOnly(t *testing.T) {
	assert.Empty(t, difference("a\nb", "a\nb"))
	assert.ElementsMatch(t, []string{"-b", "+c", "(states differ)"}, difference("a\nb", "a\nc"))
	assert.ElementsMatch(t, []string{"+a", "(states differ)"}, difference("a", "a\na"))
	assert.Equal(t, []string{"(states differ)"}, difference("a\nb", "b\na"), "the order counts too")
}

func TestOnlyCallsThatChangeSomethingAreCut(t *testing.T) {
	for _, operation := range []string{"DescribeVpcs", "GetRole", "ListBuckets", "SearchTransitGatewayRoutes"} {
		assert.True(t, reads(operation), operation)
	}
	for _, operation := range []string{"CreateRoute", "PutRolePolicy", "ModifyVpcEndpoint", "AcceptVpcPeeringConnection"} {
		assert.False(t, reads(operation), operation)
	}
}
