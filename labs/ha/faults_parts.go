package ha

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"labctl/labs"
)

// The faults of what stands around the group: its template, the queue, who hears of it.

// visibility is a queue's visibility timeout in seconds.
type visibility struct {
	Queue   string // URL
	Seconds int
}

func shortVisibility() labs.Fault {
	return swap(labs.Fault{
		ID:     "short-visibility",
		Title:  "Some visitors have been charged twice for one ticket.",
		Answer: "The visibility timeout of the queue of orders is 5 s: an order that takes longer is handed to a second worker.",
		Breaks: []string{"ha-buffer"},
		Hints: []string{
			"It happens when payment is slow.",
			"What does the queue think of a message that was received and not deleted?",
			"Compare the queue's visibility timeout with how long an order takes.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after visibility, err error) {
		queues, err := a.inv.Queues(ctx)
		if err != nil {
			return before, after, err
		}
		for _, queue := range queues {
			if a.plays(queue.Tags, roleOrders) {
				return visibility{queue.QueueUrl, queue.VisibilityTimeout}, visibility{queue.QueueUrl, 5}, nil
			}
		}
		return before, after, labs.Lacks("%s", a.nothing("queue", roleOrders))
	}, func(ctx context.Context, live labs.Live, v visibility) error {
		_, err := sqs.NewFromConfig(live.Config).SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
			QueueUrl: &v.Queue, Attributes: map[string]string{"VisibilityTimeout": strconv.Itoa(v.Seconds)},
		})
		if err != nil {
			return fmt.Errorf("changing the visibility timeout of %s: %w", v.Queue, err)
		}
		return nil
	})
}

// defaultVersion is the version of a launch template that is launched where no other is named.
type defaultVersion struct{ Template, Version string }

// metadataOptional makes a second version of the template and launches that; the undo deletes it again.
func metadataOptional() labs.Fault {
	const id, key = "metadata-optional", "default"
	fault := labs.Fault{
		ID:     id,
		Title:  "Requests with the instances' own credentials come from another country.",
		Answer: "A new default version of the launch template makes session tokens of the metadata service optional (IMDSv1).",
		Breaks: []string{"ha-template"},
		Hints: []string{
			"The credentials were fetched through the site itself, with one forged request.",
			"The instances that have run for long refuse such a request.",
			"Compare the versions of the launch template.",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		group, err := a.group()
		if err != nil {
			return err
		}
		templates, err := a.templatesOf(ctx, group)
		if err != nil {
			return err
		}
		if len(templates) == 0 || templates[0].Asked != "$Default" {
			return labs.Lacks("group %s does not launch the default version of a template", group.AutoScalingGroupName)
		}
		template, version := templates[0].LaunchTemplateId, strconv.Itoa(templates[0].VersionNumber)
		if err := labs.Remember(record, key, defaultVersion{template, version}); err != nil {
			return err
		}
		made, err := ec2.NewFromConfig(live.Config).CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &template, SourceVersion: &version, VersionDescription: aws.String(id),
			LaunchTemplateData: &ec2types.RequestLaunchTemplateData{MetadataOptions: &ec2types.LaunchTemplateInstanceMetadataOptionsRequest{
				HttpEndpoint: ec2types.LaunchTemplateInstanceMetadataEndpointStateEnabled, HttpTokens: ec2types.LaunchTemplateHttpTokensStateOptional,
			}},
		})
		if err != nil {
			return fmt.Errorf("making a version of launch template %s: %w", template, err)
		}
		return setDefault(ctx, live, defaultVersion{template, strconv.FormatInt(aws.ToInt64(made.LaunchTemplateVersion.VersionNumber), 10)})
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var before defaultVersion
		if found, err := labs.Recall(record, key, &before); err != nil || !found {
			return err
		}
		if err := setDefault(ctx, live, before); err != nil {
			return err
		}
		return deleteVersions(ctx, live, before.Template, id)
	}
	return fault
}

func setDefault(ctx context.Context, live labs.Live, v defaultVersion) error {
	_, err := ec2.NewFromConfig(live.Config).ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &v.Template, DefaultVersion: &v.Version})
	if err := labs.Unless(err, "InvalidLaunchTemplateId.NotFound"); err != nil {
		return fmt.Errorf("making version %s of launch template %s the default: %w", v.Version, v.Template, err)
	}
	return nil
}

// deleteVersions deletes the versions of a template that a fault has made, which bear its id as their description.
func deleteVersions(ctx context.Context, live labs.Live, template, fault string) error {
	api := ec2.NewFromConfig(live.Config)
	got, err := api.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &template})
	if err != nil {
		return labs.Unless(err, "InvalidLaunchTemplateId.NotFound")
	}
	var made []string
	for _, version := range got.LaunchTemplateVersions {
		if aws.ToString(version.VersionDescription) == fault {
			made = append(made, strconv.FormatInt(aws.ToInt64(version.VersionNumber), 10))
		}
	}
	if len(made) == 0 {
		return nil
	}
	if _, err := api.DeleteLaunchTemplateVersions(ctx, &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &template, Versions: made}); err != nil {
		return fmt.Errorf("deleting versions %v of launch template %s: %w", made, template, err)
	}
	return nil
}

// subscribed is a queue's subscription to a topic, or that there is none.
type subscribed struct {
	Subscription, Topic, Queue string
	There                      bool
	Filter                     string
}

func subscriptionDropped() labs.Fault {
	return swap(labs.Fault{
		ID:     "subscription-dropped",
		Title:  "Three launches failed last night, and nobody knew.",
		Answer: "The queue of events is no longer subscribed to the topic.",
		Breaks: []string{"ha-notify"},
		Hints: []string{
			"The group has published all three.",
			"A topic keeps nothing: what nobody is subscribed to is gone.",
			"List the topic's subscriptions.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after subscribed, err error) {
		before, err = a.subscription(ctx)
		after = before
		after.There = false
		return before, after, err
	}, func(ctx context.Context, live labs.Live, s subscribed) error {
		api := sns.NewFromConfig(live.Config)
		if !s.There {
			_, err := api.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: &s.Subscription})
			if err := labs.Unless(err, "NotFound", "NotFoundException"); err != nil {
				return fmt.Errorf("ending subscription %s: %w", s.Subscription, err)
			}
			return nil
		}
		// Where the subscription is still there, SNS answers with it and makes no other.
		// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
		if _, err := api.Subscribe(ctx, &sns.SubscribeInput{TopicArn: &s.Topic, Protocol: aws.String("sqs"), Endpoint: &s.Queue}); err != nil {
			return fmt.Errorf("subscribing %s to %s: %w", s.Queue, s.Topic, err)
		}
		return nil
	})
}

func subscriptionFiltered() labs.Fault {
	return swap(labs.Fault{
		ID:     "subscription-filtered",
		Title:  "A launch failed last night; the queue of events is subscribed, and empty.",
		Answer: "The subscription has a filter policy: only messages with the attribute severity=page pass, and what a group publishes has no attributes.",
		Breaks: []string{"ha-notify"},
		Twin:   true,
		Hints: []string{
			"Topic, subscription and the queue's policy are all there.",
			"Between the topic and the queue something decides about each message.",
			"Look at the attributes of the subscription.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after subscribed, err error) {
		before, err = a.subscription(ctx)
		after = before
		after.Filter = `{"severity":["page"]}`
		return before, after, err
	}, func(ctx context.Context, live labs.Live, s subscribed) error {
		filter := s.Filter
		if filter == "" {
			filter = "{}" // takes it away
		}
		_, err := sns.NewFromConfig(live.Config).SetSubscriptionAttributes(ctx, &sns.SetSubscriptionAttributesInput{
			SubscriptionArn: &s.Subscription, AttributeName: aws.String("FilterPolicy"), AttributeValue: &filter,
		})
		if err != nil {
			return fmt.Errorf("setting the filter of subscription %s: %w", s.Subscription, err)
		}
		return nil
	})
}

// subscription is the one by which launch failures reach a queue.
func (a *architecture) subscription(ctx context.Context) (subscribed, error) {
	group, err := a.group()
	if err != nil {
		return subscribed{}, err
	}
	notifications, err := a.inv.GroupNotifications(ctx, group.AutoScalingGroupName)
	if err != nil {
		return subscribed{}, err
	}
	for _, n := range notifications {
		if n.NotificationType != launchError {
			continue
		}
		subscriptions, err := a.inv.Subscriptions(ctx, n.TopicARN)
		if err != nil {
			return subscribed{}, err
		}
		for _, s := range subscriptions {
			if s.Protocol == "sqs" {
				return subscribed{s.SubscriptionArn, n.TopicARN, s.Endpoint, true, s.FilterPolicy}, nil
			}
		}
	}
	return subscribed{}, labs.Lacks("launch failures of group %s reach no queue as it is", group.AutoScalingGroupName)
}
