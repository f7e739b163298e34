package backup

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
)

func TestAnARNMatchesAPatternToTheLetter(t *testing.T) {
	const arn = "arn:aws:dynamodb:us-east-1:123456789012:table/shop-orders"
	for pattern, want := range map[string]bool{
		arn: true, "*": true, "arn:aws:dynamodb:*:*:table/*": true, "arn:aws:dynamodb:*:*:table/shop-*": true, "*orders": true, "*shop*": true,
		"": false, "arn:aws:dynamodb:*:*:table/Shop-*": false, "arn:aws:s3:::*": false, arn + "x": false, "*table/": false,
	} {
		assert.Equal(t, want, matches(pattern, arn), pattern)
	}
}

func TestASelectionTakesWhatAnARNAndAllConditionsName(t *testing.T) {
	r := resource{Kind: kindTable, Arn: "arn:aws:dynamodb:us-east-1:123456789012:table/a", Tags: map[string]string{"env": "production", "team": "shop"}}
	is := func(key, value string) []inventory.TagCondition {
		return []inventory.TagCondition{{Key: tagKey + key, Value: value}}
	}
	everything := []string{"*"}
	for name, row := range map[string]struct {
		selection          inventory.BackupSelection
		selected, explicit bool
	}{
		"by its type":                   {inventory.BackupSelection{Resources: []string{"arn:aws:dynamodb:*:*:table/*"}}, true, true},
		"by a star":                     {inventory.BackupSelection{Resources: everything}, true, false},
		"nothing at all":                {inventory.BackupSelection{}, true, false},
		"all but":                       {inventory.BackupSelection{NotResources: []string{"arn:aws:s3:::*"}}, true, false},
		"but this":                      {inventory.BackupSelection{Resources: everything, NotResources: []string{r.Arn}}, false, false},
		"a condition holds":             {inventory.BackupSelection{Resources: everything, Conditions: inventory.SelectionConditions{StringEquals: is("env", "production")}}, true, false},
		"one of two conditions":         {inventory.BackupSelection{Resources: everything, Conditions: inventory.SelectionConditions{StringEquals: append(is("env", "production"), is("team", "Shop")...)}}, false, false},
		"one that is like and one not":  {inventory.BackupSelection{Resources: everything, Conditions: inventory.SelectionConditions{StringLike: is("env", "prod*"), StringNotLike: is("team", "sh*")}}, false, false},
		"not equal to another value":    {inventory.BackupSelection{Resources: everything, Conditions: inventory.SelectionConditions{StringNotEquals: is("team", "books")}}, true, false},
		"one of a list of tags":         {inventory.BackupSelection{ListOfTags: append(is("env", "test"), is("team", "shop")...)}, true, false},
		"none of a list of tags":        {inventory.BackupSelection{ListOfTags: is("env", "test")}, false, false},
		"a tag that is listed, plainly": {inventory.BackupSelection{ListOfTags: []inventory.TagCondition{{Type: "STRINGEQUALS", Key: "team", Value: "shop"}}}, true, false},
		"ARN and list of tags":          {inventory.BackupSelection{Resources: everything, ListOfTags: is("team", "shop")}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := choose(row.selection, r)
			require.NoError(t, err)
			assert.Equal(t, row.selected, c.selected, c.why)
			assert.Equal(t, row.explicit, c.explicit)
			assert.Equal(t, row.selected, c.why == "")
		})
	}
}

func TestWhatIsNotDocumentedOfSelectionsIsNotGuessed(t *testing.T) {
	r := resource{Kind: kindVolume, Arn: "arn:aws:ec2:us-east-1:123456789012:volume/vol-1", Tags: map[string]string{"team": "shop"}}
	for name, selection := range map[string]inventory.BackupSelection{
		"an ARN, and a tag that it has not":     {Resources: []string{"*"}, ListOfTags: []inventory.TagCondition{{Key: "team", Value: "books"}}},
		"a tag, and an ARN that is not its own": {Resources: []string{"arn:aws:s3:::*"}, ListOfTags: []inventory.TagCondition{{Key: "team", Value: "shop"}}},
		"a key that is none":                    {Resources: []string{"*"}, Conditions: inventory.SelectionConditions{StringEquals: []inventory.TagCondition{{Key: "team", Value: "shop"}}}},
		"the negation of a missing tag":         {Resources: []string{"*"}, Conditions: inventory.SelectionConditions{StringNotLike: []inventory.TagCondition{{Key: tagKey + "env", Value: "test*"}}}},
	} {
		_, err := choose(selection, r)
		assert.Error(t, err, name)
	}
}
