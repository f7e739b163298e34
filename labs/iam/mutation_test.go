package iam

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"labctl/checks/inventory"
	"labctl/labs/labtest"
)

// TestMutation proves on a live lab that every fault breaks exactly the checks that it names, and can be taken back.
func TestMutation(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions the lab")
	}
	suite := labtest.Provision(t, New())
	suite.State = liveState
	matrix := suite.Mutate(t)
	t.Logf("faults and the checks that they break:\n%s", matrix)
}

// liveState is everything that the checks read of the lab.
func liveState(ctx context.Context, inv *inventory.Inventory) (string, error) {
	facts, err := factsOf(ctx, inv)
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(facts, "", " ")
	return string(text), err
}

// factsOf reads an account through an inventory, as plain data.
func factsOf(ctx context.Context, inv *inventory.Inventory) (inventory.Facts, error) {
	var facts inventory.Facts
	reads := []func() error{
		func() error {
			everybody, err := inv.Identities(ctx)
			if err == nil {
				facts.Identities = *everybody
			}
			return err
		},
		func() (err error) { facts.Buckets, err = inv.Buckets(ctx); return err },
		func() (err error) { facts.Keys, err = inv.Keys(ctx); return err },
		func() (err error) { facts.Trails, err = inv.Trails(ctx); return err },
		func() (err error) { facts.MetricAlarms, err = inv.Alarms(ctx); return err },
		func() (err error) { facts.Organization, err = inv.Organization(ctx); return err },
		func() (err error) { facts.ResourcePolicies, err = inv.ResourcePolicies(ctx); return err },
	}
	for _, read := range reads {
		if err := read(); err != nil {
			return facts, err
		}
	}
	for _, b := range facts.Buckets {
		guard, err := inv.BucketGuard(ctx, b.Name)
		if err != nil {
			return facts, err
		}
		facts.BucketGuards = append(facts.BucketGuards, guard)
	}
	for _, trail := range facts.Trails {
		filters, err := inv.MetricFilters(ctx, logGroupOf(trail))
		if err != nil {
			return facts, err
		}
		facts.MetricFilters = append(facts.MetricFilters, filters...)
	}
	// A filter that is put again is the last of its group: the order means nothing.
	slices.SortFunc(facts.MetricFilters, func(x, y inventory.MetricFilter) int { return strings.Compare(x.FilterName, y.FilterName) })
	for _, user := range facts.Identities.Users {
		keys, err := inv.AccessKeys(ctx, user.Name)
		if err != nil {
			return facts, err
		}
		facts.AccessKeys = append(facts.AccessKeys, keys...)
	}
	facts.PolicyTags = map[string]map[string]string{}
	for _, p := range facts.Identities.Policies {
		tags, err := inv.PolicyTags(ctx, p.Arn)
		if err != nil {
			return facts, err
		}
		facts.PolicyTags[p.Arn] = tags
	}
	return facts, nil
}
