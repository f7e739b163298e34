package logpattern

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseRefusesWhatCloudWatchLogsRefusesAndSaysWhere(t *testing.T) {
	for pattern, want := range map[string]struct {
		position int
		problem  string
	}{
		`ERROR: x`:                             {1, "double quotation marks"},
		`ok not-quoted`:                        {4, "double quotation marks"},
		`café`:                                 {1, `'é'`},
		`"open`:                                {1, "closing quotation mark"},
		`ERROR -`:                              {8, "a term is missing"},
		`ERROR ? x`:                            {8, "must follow directly"},
		`ERROR %x%`:                            {7, "stands alone"},
		`%x% ERROR`:                            {5, "cannot be combined"},
		`%x`:                                   {1, "closing %"},
		`%%`:                                   {1, "empty"},
		`%something!%`:                         {11, `\x21`},
		`%(a|b)%`:                              {2, `\x28`},
		`%é%`:                                  {2, "not supported"},
		`%a\bc%`:                               {3, "this escape is not supported"},
		`%a\xZZ%`:                              {3, "two hexadecimal digits"},
		`%a\x9%`:                               {3, "two hexadecimal digits"},
		`%\xE9%`:                               {2, "beyond the ASCII table"},
		`%a\%`:                                 {3, "nothing follows"},
		`%*a%`:                                 {2, "there is none"},
		`%a|+%`:                                {4, "there is none"},
		`%a{x}%`:                               {3, "{m,n}"},
		`%a{,}%`:                               {3, "{m,n}"},
		`%a{2%`:                                {3, "closing }"},
		`%[a%`:                                 {2, "closing ]"},
		`%[]%`:                                 {2, "is empty"},
		`%[z-a]%`:                              {3, "up to another"},
		`%[\d-z]%`:                             {3, "up to another"},
		`{ $.a }`:                              {7, "an operator"},
		`{ }`:                                  {3, `starts with "$."`},
		`{ a = 1 }`:                            {3, `starts with "$."`},
		`{ $.a = }`:                            {9, "a value is missing"},
		`{ $.a == 1 }`:                         {8, "the operators are"},
		`{ $.a =! b }`:                         {8, "the operators are"},
		`{ $.a = us-east-1 }`:                  {9, "double quotation marks"},
		`{ $.a = a/b }`:                        {9, "double quotation marks"},
		`{ $.a > "1" }`:                        {9, "compares numbers"},
		`{ $.a > x }`:                          {9, "compares numbers"},
		`{ $.a < %1% }`:                        {9, "compares numbers"},
		`{ $.a = 1`:                            {10, "is missing"},
		`{ ($.a = 1 }`:                         {12, `")" is missing`},
		`{ $.a = 1 } x`:                        {13, "nothing may follow"},
		`{ $.a = 1 && }`:                       {14, `starts with "$."`},
		`{ $.a = 1 & $.b = 2 }`:                {11, `"&&"`},
		`{ $.a IS NOT NULL }`:                  {10, "IS NOT is not supported"},
		`{ $.a EXISTS }`:                       {7, "only NOT EXISTS"},
		`{ $.a NOT NULL }`:                     {11, "EXISTS"},
		`{ $.a is NULL }`:                      {7, "an operator"},
		`{ $. = 1 }`:                           {5, "name of a property"},
		`{ $.a..b = 1 }`:                       {7, "name of a property"},
		`{ $.a[x] = 1 }`:                       {6, "[0] or [*]"},
		`{ $.a[-1] = 1 }`:                      {6, "[0] or [*]"},
		`{ $.a[1 = 1 }`:                        {6, "[0] or [*]"},
		`{ $.["a.b"] = 1 }`:                    {5, "single quotation marks"},
		`{ $.[''] = 1 }`:                       {5, "['name']"},
		`{ $.a[*].b[*] = 1 }`:                  {11, "only one wildcard"},
		`{ $.*=1 || $.*=2 || $.*=3 || $.*=4 }`: {1, "at most 3"},
		`{ $.a = %1% || $.a = %2% || $.a = %3% }`: {1, "at most 2"},
		`[a = %1%, b = %2%, c = %3%]`:             {1, "at most 2"},
		`[a, b`:                                   {6, `"," or "]"`},
		`[a, b] c`:                                {8, "nothing may follow"},
		`[a b]`:                                   {4, "an operator must follow"},
		`[a = 1 || ]`:                             {11, "a condition on the field a"},
		`[$a]`:                                    {2, "letters, digits and _"},
		`[w1=!ERROR, w2]`:                         {5, "the operators are"},
		"\xff":                                    {1, "UTF-8"},
		strings.Repeat("a", maxLength+1):          {1, "at most 1024"},
	} {
		_, err := Parse(pattern)
		var refused *SyntaxError
		require.ErrorAs(t, err, &refused, pattern)
		assert.Equal(t, want.position, refused.Position, "%s: %v", pattern, err)
		assert.Contains(t, refused.Problem, want.problem, pattern)
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestAnErrorPointsToThePlace(t *testing.T) {
	_, err := Parse(`{ $.eventName = StopLogging || $.eventName = Stop-Logging-for-good }`)
	require.EqualError(t, err, `filter pattern, character 46, at "Stop-Logging-for-goo…": a value of other than letters, digits, _, . and * needs double quotation marks`)
	_, err = Parse(`{ $.eventName = StopLogging`)
	require.EqualError(t, err, `filter pattern, at its end (character 28): "&&", "||" or "}" is missing`)
}

func TestFormsThatAWSDoesNotDescribeAreInconclusive(t *testing.T) {
	for _, pattern := range []string{
		`%a++%`, `%a*?%`, `%a]%`, `%a}%`, `%[[a]]%`, `%a{1001}%`, `[..., a, ...]`, `[a, a]`,
		`[ip, status_code = 4* && bytes > 1000]`, `[a = 1 || 2]`,
	} {
		_, err := Parse(pattern)
		assert.ErrorAs(t, err, new(*InconclusiveError), pattern)
	}
}

func TestAPatternIsKeptAsItWasWritten(t *testing.T) {
	p, err := Parse(` ERROR `)
	require.NoError(t, err)
	assert.Equal(t, ` ERROR `, p.String())
}
