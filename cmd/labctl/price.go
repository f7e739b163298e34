package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/spf13/cobra"

	"labctl/checks/report/typeset"
	"labctl/labs"
	"labctl/runner"
	"labctl/runner/price"
	"labctl/runner/target"
)

// hoursInMonth is what AWS's own examples take for a month.
const hoursInMonth = 730

// priceOptions is what `labctl price` works with.
type priceOptions struct {
	app     *app
	lab     string
	hours   float64
	region  string
	live    bool
	profile string
	output  string
}

func newPrice(a *app) *cobra.Command {
	o := &priceOptions{app: a}
	cmd := &cobra.Command{
		Use:   "price LAB",
		Short: "Say what a lab costs on AWS: by the hour, for its lifetime, and if it is forgotten",
		Long: `Say what a lab costs on AWS, line by line: what its resources cost by the hour, what
they cost for the lab's lifetime, and what they would cost in a month if somebody forgot
them. Nothing is created and no account is needed: the prices are labctl's own table,
which names its sources in the lab's page. With --live they come from AWS's price list,
which takes credentials that allow pricing:GetProducts.`,
		Example:           "  labctl price networking --hours 2\n  labctl price ha --live --region eu-west-1",
		Args:              oneLab(a),
		ValidArgsFunction: a.completeLab,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.lab = args[0]
			return o.do(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.Float64Var(&o.hours, "hours", runner.PaidLifetime.Hours(), "how long the lab is meant to live, in hours")
	flags.StringVar(&o.region, "region", defaultRegion, "AWS region")
	flags.BoolVar(&o.live, "live", false, "ask AWS's price list instead of labctl's table")
	flags.StringVar(&o.profile, "profile", "", "profile of the AWS configuration to ask with (with --live)")
	addTextOrJSON(cmd, &o.output)
	complete(cmd, "region", fixed(target.Regions()))
	for _, flag := range []string{"hours", "profile"} {
		complete(cmd, flag, fixed(nil))
	}
	return cmd
}

func (o *priceOptions) do(ctx context.Context) error {
	if err := validTextOrJSON(o.output); err != nil {
		return err
	}
	if err := oneOf("region", o.region, target.Regions()); err != nil {
		return err
	}
	if !(o.hours > 0 && o.hours <= 12*hoursInMonth) { // NaN is neither
		return &usageError{err: fmt.Errorf("--hours %g: a lab lives more than 0 hours and at most a year (%d)", o.hours, 12*hoursInMonth)}
	}
	if o.profile != "" && !o.live {
		return &usageError{err: fmt.Errorf("--profile %s is for --live: labctl's own table needs no account", o.profile)}
	}
	lab, err := o.app.lab(o.lab)
	if err != nil {
		return err
	}
	table, source, err := o.table(ctx, lab)
	if err != nil {
		return err
	}
	bill, err := table.Bill(lab.Bill)
	if err != nil {
		return err
	}
	if o.output == "json" {
		return o.json(lab, bill, source)
	}
	return o.text(lab, bill, source)
}

// priceSource says where prices come from, for which region, and of when.
type priceSource struct {
	From   string `json:"from"`
	Region string `json:"region"`
	AsOf   string `json:"asOf"`
}

func (o *priceOptions) table(ctx context.Context, lab labs.Lab) (price.Table, priceSource, error) {
	if !o.live {
		if o.region != price.Region {
			fmt.Fprintf(o.app.streams.Err, "%s labctl's table holds the prices of %s. Those of %s may be higher: --live asks AWS for them.\n", o.app.streams.Warn("Warning:"), price.Region, o.region)
		}
		return price.AWS(), priceSource{From: "labctl's table", Region: price.Region, AsOf: price.AsOf}, nil
	}
	configuration, err := config.LoadDefaultConfig(ctx, config.WithRegion(price.ListRegion), config.WithSharedConfigProfile(o.profile))
	if err != nil {
		return nil, priceSource{}, &runner.HintedError{Err: fmt.Errorf("reading the AWS configuration: %w", err), Next: "leave --live out to see labctl's own table"}
	}
	table, err := price.Live(ctx, pricing.NewFromConfig(configuration), price.AWS().Of(lab.Bill), o.region)
	if err != nil {
		return nil, priceSource{}, &runner.HintedError{Err: err, Next: "check the credentials (they need pricing:GetProducts), or leave --live out to see labctl's own table"}
	}
	return table, priceSource{From: "AWS's price list", Region: o.region, AsOf: time.Now().UTC().Format(time.DateOnly)}, nil
}

// priceLine is the JSON form of a line.
type priceLine struct {
	Type    string      `json:"type"`
	Count   int         `json:"count"`
	Units   int         `json:"unitsEach"`
	PerHour float64     `json:"usdPerHour"`
	Billed  []pricePart `json:"billed"`
	Note    string      `json:"note,omitempty"`
	Source  string      `json:"source"`
}

type pricePart struct {
	USD  float64 `json:"usd"`
	Unit string  `json:"unit"`
}

func (o *priceOptions) json(lab labs.Lab, bill price.Bill, source priceSource) error {
	lines := []priceLine{}
	for _, line := range bill {
		out := priceLine{Type: line.Type, Count: line.Count, Units: line.Units, PerHour: line.PerHour, Billed: []pricePart{}, Note: line.Note, Source: line.Source}
		for _, part := range line.Parts {
			out.Billed = append(out.Billed, pricePart{USD: part.USD, Unit: part.Unit})
		}
		lines = append(lines, out)
	}
	return o.app.printJSON(map[string]any{
		"lab": lab.ID, "prices": source, "lines": lines, "hours": o.hours,
		"usdPerHour": bill.PerHour(), "usdForLifetime": bill.PerHour() * o.hours, "usdForMonth": bill.PerHour() * hoursInMonth,
	})
}

func (o *priceOptions) text(lab labs.Lab, bill price.Bill, source priceSource) error {
	out, s := o.app.streams.Out, o.app.streams
	fmt.Fprintf(out, "What %s costs on AWS in %s (%s, %s); on the local target it is free\n\n", s.Strong(lab.ID), source.Region, source.From, source.AsOf)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "COUNT\tRESOURCE\tUSD/HOUR\tEACH IS BILLED")
	free := 0
	for _, line := range bill {
		if len(line.Parts) == 0 {
			free += line.Count
			continue
		}
		billed := make([]string, len(line.Parts))
		for n, part := range line.Parts {
			billed[n] = partText(part, line.Units)
		}
		fmt.Fprintf(table, "%d\t%s\t%.4f\t%s\n", line.Count, line.Type, line.PerHour, strings.Join(billed, ", "))
	}
	if free > 0 {
		fmt.Fprintf(table, "%d\tof types that are free by themselves\t0\t\n", free)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("writing the price: %w", err)
	}
	fmt.Fprintf(out, "\n  %s USD an hour\n  %s USD for a lifetime of %s hours\n  %s USD for a month (%d hours), if it is forgotten\n",
		s.Strong(fmt.Sprintf("%7.3f", bill.PerHour())), s.Strong(fmt.Sprintf("%7.2f", bill.PerHour()*o.hours)), strconv.FormatFloat(o.hours, 'g', -1, 64),
		s.Strong(fmt.Sprintf("%7.2f", bill.PerHour()*hoursInMonth)), hoursInMonth)
	if notes := notesOf(bill); len(notes) > 0 {
		fmt.Fprintf(out, "\n%s\n", s.Strong("What the prices leave out, and why things are free"))
		for _, note := range notes {
			for n, line := range typeset.Wrap(note, min(s.OutWidth(), 100)-4) {
				fmt.Fprintf(out, "%s%s\n", strings.Repeat("  ", min(n, 1)+1), line)
			}
		}
	}
	return nil
}

// partText is "0.045 per gateway-hour", or "3 x 0.005 per public IPv4 address-hour" where one resource takes several.
func partText(part price.Part, units int) string {
	each := part.Each * float64(units)
	if each < 1 {
		each *= hoursInMonth // billed by the month
	}
	text := fmt.Sprintf("%s per %s", money(part.USD), part.Unit)
	if n := int(math.Round(each)); n > 1 {
		text = fmt.Sprintf("%d x %s", n, text)
	}
	return text
}

// notesOf says what the bill leaves out, each thing once.
func notesOf(bill price.Bill) []string {
	var order []string
	of := map[string][]string{}
	for _, line := range bill {
		if line.Note == "" {
			continue
		}
		if of[line.Note] == nil {
			order = append(order, line.Note)
		}
		of[line.Note] = append(of[line.Note], line.Type)
	}
	for n, note := range order {
		order[n] = strings.Join(of[note], ", ") + ": " + note
	}
	return order
}

// money is a unit price with as many digits as it has.
func money(usd float64) string {
	text := fmt.Sprintf("%.4f", usd)
	for len(text) > len("0.00") && text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	return text
}
