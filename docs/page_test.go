package docs

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs/catalogue"
	"labctl/runner/price"
	"labctl/runner/target"
)

var update = flag.Bool("update", false, "write the generated pages")

func TestTheLabsPagesSayWhatTheLabsSay(t *testing.T) {
	for _, lab := range catalogue.All() {
		t.Run(lab.ID, func(t *testing.T) {
			bill, err := price.AWS().Bill(lab.Bill)
			require.NoError(t, err)
			want := Page(lab, bill)
			name := filepath.Join("labs", lab.ID+".md")
			if *update {
				require.NoError(t, os.MkdirAll("labs", 0o755))
				require.NoError(t, os.WriteFile(name, []byte(want), 0o644))
			}
			got, err := os.ReadFile(name)
			require.NoError(t, err)
			assert.Equal(t, want, string(got), "the page is stale: run `make docs`")
		})
	}
}

func TestThePageOfTheTargetsSaysWhatTheyClaim(t *testing.T) {
	want, err := Targets(catalogue.All())
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("targets.md", []byte(want), 0o644))
	}
	got, err := os.ReadFile("targets.md")
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "the page is stale: run `make docs`")
}

func TestAWSShowsWhateverALabAsksAbout(t *testing.T) {
	for _, lab := range catalogue.All() {
		assert.Empty(t, target.Lacking(target.AWS, lab.AsksAbout()), lab.ID)
	}
}

func TestAPageTellsNoFaultsAnswer(t *testing.T) {
	for _, lab := range catalogue.All() {
		page := Page(lab, nil)
		require.NotEmpty(t, lab.Faults)
		for _, fault := range lab.Faults {
			assert.Contains(t, page, fault.Title)
			assert.NotContains(t, page, fault.Answer)
			for _, hint := range fault.Hints {
				assert.NotContains(t, page, hint)
			}
		}
	}
}
