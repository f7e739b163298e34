package local

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"labctl/labs/clock"
	"labctl/runner/target/local/loop"
)

// Fastest is the highest speed of the local AWS's clock.
const Fastest = clock.Fastest

// ErrSpeed says that the local AWS runs, and not at the speed asked for.
var ErrSpeed = errors.New("the local AWS runs at another speed")

// simulations are what the supervisor itself does as AWS does it, where the corrections give it the means: the control loops of
// package loop. To those who use the server they are corrections like the others.
func simulations() []Correction {
	return []Correction{
		{
			Name:   "metric-filter-data",
			AWS:    "A metric filter makes a data point of each log event that matches, and publishes its default value for minutes in which none does.",
			Page:   "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html",
			Proven: "Log events become data points of the filter's metric: of matches, of a field's value, with a dimension, and of the default value.",
		},
		{
			Name:   "alarm-evaluation",
			AWS:    "Alarms, metric math and composite alarms included, are evaluated each minute, change their state, and notify.",
			Page:   "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html",
			Proven: "Log events and data points put alarms into ALARM and back, which arrives in a queue behind a topic, once for each change, and stands in the history.",
		},
	}
}

// simulate runs the control loops until stop is called. A server that is not corrected has nothing for them to read.
func (s *supervisor) simulate(ctx context.Context) (stop func(), err error) {
	if len(s.record.Corrections) == 0 {
		if s.record.Speed > 1 {
			return nil, fmt.Errorf("moto %s cannot run at a speed of %d: the corrections are made for another version", s.record.MotoVersion, s.record.Speed)
		}
		return func() {}, nil
	}
	server := loop.NewServer(s.record.endpoint(), s.record.Instance)
	loops := loop.Loop{Source: server, Clock: s.record.clock(), Log: s.log}
	if s.record.Speed > 1 { // nobody may see the server with another time
		now := time.Now()
		if err := server.SetClock(ctx, loops.Clock.At(now), loops.Clock.SpeedAt(now)); err != nil {
			return nil, err
		}
	}
	s.record.Corrections = append(s.record.Corrections, simulations()...)
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { loops.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
		server.Close()
	}, nil
}
