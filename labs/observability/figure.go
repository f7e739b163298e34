package observability

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"labctl/checks/alarm"
	"labctl/checks/plot"
)

// The figure fits a terminal of 80 columns.
const plotWidth, plotHeight = 76, 24

// burnWindow is over how many minutes the burn rate is drawn: the short window of the fast alarm.
const burnWindow = 5

// figure draws the share of failed requests, the burn rate, and the alarms that went off, over time.
func (v verdict) figure() []string {
	shares, rates := v.shares()
	shown := alarm.Timeline{Start: v.timeline.Start, Step: v.timeline.Step, Transitions: v.timeline.Transitions}
	names := make([]string, len(v.timeline.Tracks))
	for n, track := range v.timeline.Tracks {
		names[n] = track.Alarm
	}
	short := shorten(names)
	for n, track := range v.timeline.Tracks {
		if slices.Contains(track.States, alarm.InAlarm) {
			track.Alarm = short[n]
			shown.Tracks = append(shown.Tracks, track)
		}
	}
	if len(shown.Tracks) == 0 && len(v.timeline.Tracks) > 0 {
		track := v.timeline.Tracks[0]
		track.Alarm = short[0]
		shown.Tracks = append(shown.Tracks, track)
	}
	graphs := []plot.Graph{
		{Title: v.name + ": failed requests", Layers: []plot.Layer{{Mark: '#', Values: shares}}, Format: percentAxis},
		{Title: "Burn rate over " + strconv.Itoa(burnWindow) + " minutes", Layers: []plot.Layer{{Mark: '*', Values: rates}}, Format: rateAxis},
	}
	return shown.Plot(graphs, plot.Options{Width: plotWidth, Height: plotHeight})
}

func percentAxis(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e4)/1e2, 'f', -1, 64) + "%"
}

func rateAxis(rate float64) string {
	return strconv.FormatFloat(math.Round(rate*10)/10, 'f', -1, 64)
}

// shares are the share of failed requests and the burn rate, minute by minute.
func (v verdict) shares() (shares, rates []float64) {
	for n, m := range v.minutes {
		shares = append(shares, ratio(m.Errors, m.Requests))
		requests, errors := 0, 0
		for _, of := range v.minutes[max(0, n+1-burnWindow) : n+1] {
			requests, errors = requests+of.Requests, errors+of.Errors
		}
		rates = append(rates, slo().BurnRate(ratio(errors, requests)))
	}
	return shares, rates
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// shorten leaves out what names begin with in common, up to the last hyphen.
func shorten(names []string) []string {
	if len(names) < 2 {
		return names
	}
	common := names[0]
	for _, name := range names[1:] {
		for !strings.HasPrefix(name, common) {
			common = common[:len(common)-1]
		}
	}
	common = common[:strings.LastIndex(common, "-")+1]
	short := make([]string, len(names))
	for n, name := range names {
		short[n] = strings.TrimPrefix(name, common)
	}
	return short
}

// drawing is what a figure is drawn from, for programs. Minutes count from the moment that the traffic is about.
type drawing struct {
	Traffic   string       `json:"traffic"`
	Minutes   []drawnPoint `json:"minutes"`
	Alarms    []drawnAlarm `json:"alarms"`
	Pages     []drawnPage  `json:"pages"`
	Met       bool         `json:"met"`
	Objective string       `json:"objective"`
}

type drawnPoint struct {
	Minute   int     `json:"minute"`
	Requests int     `json:"requests"`
	Errors   int     `json:"errors"`
	BurnRate float64 `json:"burnRate"`
}

type drawnAlarm struct {
	Name    string        `json:"name"`
	Changes []drawnChange `json:"changes"`
}

type drawnChange struct {
	Minute int         `json:"minute"`
	State  alarm.State `json:"state"`
}

type drawnPage struct {
	Minute int    `json:"minute"`
	Alarm  string `json:"alarm"`
}

// series is the figure as data.
func (v verdict) series() drawing {
	d := drawing{Traffic: v.name, Met: v.met, Objective: "nobody is woken"}
	if !v.quiet {
		d.Objective = "pages within " + minutes(v.within)
	}
	_, rates := v.shares()
	for n, m := range v.minutes {
		d.Minutes = append(d.Minutes, drawnPoint{Minute: v.minute(m.At), Requests: m.Requests, Errors: m.Errors, BurnRate: math.Round(rates[n]*100) / 100})
	}
	for _, track := range v.timeline.Tracks {
		one := drawnAlarm{Name: track.Alarm, Changes: []drawnChange{}}
		before := alarm.State("")
		for n, state := range track.States {
			if state != before {
				one.Changes = append(one.Changes, drawnChange{v.minute(v.timeline.Start.Add(time.Duration(n) * v.timeline.Step)), state})
				before = state
			}
		}
		d.Alarms = append(d.Alarms, one)
	}
	for _, one := range v.pages {
		d.Pages = append(d.Pages, drawnPage{int(one.after / time.Minute), one.alarm})
	}
	return d
}

// minute counts from the moment that the traffic is about.
func (v verdict) minute(at time.Time) int { return int(at.Sub(v.began) / time.Minute) }
