package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"labctl/runner"
	"labctl/runner/target"
)

// addPlace adds the flags that say where a lab lives.
func addPlace(cmd *cobra.Command, place *target.Place) {
	flags := cmd.Flags()
	flags.StringVar(&place.Name, "target", target.Local, "where the lab lives: "+strings.Join(target.Names(), ", "))
	flags.StringVar(&place.Region, "region", "", "AWS region (default: "+target.DefaultRegion+"; on target aws that of AWS_REGION or the profile)")
	flags.StringVar(&place.Endpoint, "endpoint", "", "address of the server, for targets endpoint and localstack: http://127.0.0.1:5000")
	flags.StringVar(&place.Profile, "profile", "", "profile of your AWS configuration, for target aws")
	complete(cmd, "target", fixed(target.Names()))
	complete(cmd, "region", fixed(target.Regions()))
	for _, flag := range []string{"endpoint", "profile"} {
		complete(cmd, flag, fixed(nil))
	}
}

// validPlace says what is wrong with the flags that say where a lab lives, before anything is asked of anybody. It writes
// the endpoint as the rest of labctl knows it.
func validPlace(place *target.Place) error {
	if err := oneOf("target", place.Name, target.Names()); err != nil {
		return err
	}
	if place.Region != "" {
		if err := oneOf("region", place.Region, target.Regions()); err != nil {
			return err
		}
	}
	switch {
	case place.Endpoint != "" && place.Name != target.Endpoint && place.Name != target.LocalStack:
		return &usageError{err: fmt.Errorf("--endpoint %s is for targets endpoint and localstack, and the target is %s", place.Endpoint, place.Name), next: "give --target endpoint, or leave out --endpoint"}
	case place.Endpoint == "" && place.Name == target.Endpoint:
		return &usageError{err: errors.New("target endpoint needs the server's address"), next: "name it: --target endpoint --endpoint http://127.0.0.1:5000"}
	case place.Profile != "" && place.Name != target.AWS:
		return &usageError{err: fmt.Errorf("--profile %s is for target aws, and the target is %s: only there your AWS configuration is read", place.Profile, place.Name)}
	case place.Image != "" && place.Name != target.LocalStack:
		return &usageError{err: fmt.Errorf("--localstack-image %s is for target localstack, and the target is %s", place.Image, place.Name)}
	case place.Endpoint == "":
		return nil
	}
	endpoint, err := target.ParseEndpoint(place.Endpoint)
	var refused *target.RefusedError
	var unusable *target.UnusableError
	switch {
	case errors.As(err, &refused):
		return &runner.HintedError{Err: &runner.RefusedError{Reason: refused.Reason}, Next: refused.Next}
	case errors.As(err, &unusable):
		return &usageError{err: err, next: unusable.Next}
	}
	place.Endpoint = endpoint
	return nil
}
