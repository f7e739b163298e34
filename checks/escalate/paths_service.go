package escalate

import "slices"

// The services that get roles passed, as iam:PassedToService and trust policies name them.
const (
	ec2Service            = "ec2.amazonaws.com"
	lambdaService         = "lambda.amazonaws.com"
	cloudFormationService = "cloudformation.amazonaws.com"
	glueService           = "glue.amazonaws.com"
	ecsTasksService       = "ecs-tasks.amazonaws.com"
	codeBuildService      = "codebuild.amazonaws.com"
	sageMakerService      = "sagemaker.amazonaws.com"
	dataPipelineService   = "datapipeline.amazonaws.com"
	appRunnerService      = "tasks.apprunner.amazonaws.com"
	statesService         = "states.amazonaws.com"
)

const gainsRole = "whatever the role may do"

// passing is a path on which a service gets a role and then acts for the caller.
func passing(id, title, service, page string, calls ...Call) Path {
	pass := Call{Action: "iam:PassRole", on: roleKind, service: service, gain: passes}
	return Path{ID: id, Title: title, Calls: append([]Call{pass}, calls...), Gains: gainsRole, Source: page}
}

func on(k kind, actions ...string) []Call {
	calls := make([]Call, len(actions))
	for i, action := range actions {
		calls[i] = Call{Action: action, on: k}
	}
	return calls
}

// launch is a call that needs leave for each resource which an instance takes.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
func launch(action string, kinds ...kind) []Call {
	calls := make([]Call, len(kinds))
	for i, k := range kinds {
		calls[i] = Call{Action: action, on: k}
	}
	return calls
}

// computePaths run code of the caller's with a role that it passes.
func computePaths() []Path {
	create := on(functionKind, "lambda:CreateFunction")
	task := on(taskDefinitionKind, "ecs:RegisterTaskDefinition")
	return []Path{
		passing("pass-role-run-instances", "Launch an instance with a stronger role", ec2Service, pathfinding+"ec2-001",
			launch("ec2:RunInstances", instanceKind, imageKind, subnetKind, securityGroupKind, networkInterfaceKind, volumeKind)...),
		passing("pass-role-spot-instances", "Ask for a spot instance with a stronger role", ec2Service, pathfinding+"ec2-004",
			launch("ec2:RequestSpotInstances", spotRequestKind, imageKind, subnetKind, securityGroupKind, networkInterfaceKind)...),
		passing("pass-role-instance-profile", "Give a stronger role to an instance that runs", ec2Service, userGuide+"id_roles_use_switch-role-ec2.html",
			on(instanceKind, "ec2:AssociateIamInstanceProfile")...),
		passing("pass-role-lambda-invoke", "Make a function with a stronger role, and call it", lambdaService, pathfinding+"lambda-001",
			slices.Concat(create, on(functionKind, "lambda:InvokeFunction"))...),
		passing("pass-role-lambda-event-source", "Make a function with a stronger role, and let an event source call it", lambdaService, pathfinding+"lambda-002",
			slices.Concat(create, on(noKind, "lambda:CreateEventSourceMapping"))...),
		passing("pass-role-lambda-permission", "Make a function with a stronger role, and let others call it", lambdaService, pathfinding+"lambda-006",
			slices.Concat(create, on(functionKind, "lambda:AddPermission"))...),
		passing("pass-role-ecs-run-task", "Run a task with a stronger role", ecsTasksService, pathfinding+"ecs-004",
			slices.Concat(task, on(taskDefinitionKind, "ecs:RunTask"))...),
		passing("pass-role-ecs-start-task", "Start a task with a stronger role on a container instance", ecsTasksService, pathfinding+"ecs-005",
			slices.Concat(task, on(containerKind, "ecs:StartTask"))...),
		passing("pass-role-ecs-service", "Run a service whose tasks have a stronger role", ecsTasksService, pathfinding+"ecs-003",
			slices.Concat(task, on(ecsServiceKind, "ecs:CreateService"))...),
		passing("pass-role-app-runner", "Run an App Runner service with a stronger role", appRunnerService, pathfinding+"apprunner-001",
			on(appRunnerKind, "apprunner:CreateService")...),
	}
}

// dataPaths have a managed service act with a role that the caller passes.
func dataPaths() []Path {
	return []Path{
		passing("pass-role-cloudformation", "Have a stack made with a stronger role", cloudFormationService, pathfinding+"cloudformation-001",
			on(stackKind, "cloudformation:CreateStack")...),
		passing("pass-role-stack-set", "Have a stack set deployed with a stronger role", cloudFormationService, pathfinding+"cloudformation-003",
			on(stackSetKind, "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances")...),
		passing("pass-role-glue-dev-endpoint", "Log in to a Glue development endpoint with a stronger role", glueService, pathfinding+"glue-001",
			on(devEndpointKind, "glue:CreateDevEndpoint")...),
		passing("pass-role-glue-job", "Run a Glue job with a stronger role", glueService, pathfinding+"glue-003",
			on(glueJobKind, "glue:CreateJob", "glue:StartJobRun")...),
		passing("pass-role-glue-trigger", "Let a trigger run a Glue job with a stronger role", glueService, pathfinding+"glue-004",
			slices.Concat(on(glueJobKind, "glue:CreateJob"), on(glueTriggerKind, "glue:CreateTrigger"))...),
		passing("pass-role-glue-update-job", "Change a Glue job to a stronger role and run it", glueService, pathfinding+"glue-005",
			on(glueJobKind, "glue:UpdateJob", "glue:StartJobRun")...),
		passing("pass-role-codebuild", "Run a build with a stronger role", codeBuildService, pathfinding+"codebuild-001",
			on(buildProjectKind, "codebuild:CreateProject", "codebuild:StartBuild")...),
		passing("pass-role-sagemaker-notebook", "Work in a notebook with a stronger role", sageMakerService, pathfinding+"sagemaker-001",
			on(notebookKind, "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl")...),
		passing("pass-role-sagemaker-training", "Run a training job with a stronger role", sageMakerService, pathfinding+"sagemaker-002",
			on(trainingJobKind, "sagemaker:CreateTrainingJob")...),
		passing("pass-role-sagemaker-processing", "Run a processing job with a stronger role", sageMakerService, pathfinding+"sagemaker-003",
			on(processingJobKind, "sagemaker:CreateProcessingJob")...),
		passing("pass-role-data-pipeline", "Run commands in a Data Pipeline with a stronger role", dataPipelineService, pathfinding+"datapipeline-001",
			on(pipelineKind, "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline")...),
		passing("pass-role-step-functions", "Have a state machine call AWS with a stronger role", statesService,
			"https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html",
			on(stateMachineKind, "states:CreateStateMachine", "states:StartExecution")...),
	}
}

// borrowingPaths use the role of something that exists.
func borrowingPaths() []Path {
	borrow := func(id, title, service, page string, k kind, actions ...string) Path {
		calls := on(k, actions...)
		calls[0].service, calls[0].gain = service, borrows
		return Path{ID: id, Title: title, Calls: calls, Gains: "whatever the role may do that is there", Source: page}
	}
	sendCommand := borrow("ssm-send-command", "Run commands on an instance", ec2Service, pathfinding+"ssm-002", instanceKind, "ssm:SendCommand")
	sendCommand.Calls = append(sendCommand.Calls, on(documentKind, "ssm:SendCommand")...)
	lifecycle := borrow("sagemaker-lifecycle", "Put a start script into a notebook", sageMakerService, pathfinding+"sagemaker-005", notebookKind,
		"sagemaker:UpdateNotebookInstance", "sagemaker:StopNotebookInstance", "sagemaker:StartNotebookInstance")
	lifecycle.Calls = append(lifecycle.Calls, on(lifecycleConfigKind, "sagemaker:CreateNotebookInstanceLifecycleConfig")...)
	return []Path{
		borrow("update-function-code", "Put other code into a function", lambdaService, pathfinding+"lambda-003", functionKind, "lambda:UpdateFunctionCode"),
		borrow("update-function-configuration", "Put a layer or a start command under a function", lambdaService,
			"https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation-part-2/", functionKind, "lambda:UpdateFunctionConfiguration"),
		sendCommand,
		borrow("ssm-start-session", "Open a shell on an instance", ec2Service, pathfinding+"ssm-001", instanceKind, "ssm:StartSession"),
		borrow("send-ssh-key", "Push an SSH key to an instance", ec2Service, pathfinding+"ec2-003", instanceKind, "ec2-instance-connect:SendSSHPublicKey"),
		borrow("modify-user-data", "Change an instance's start script and restart it", ec2Service, pathfinding+"ec2-002", instanceKind,
			"ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"),
		borrow("launch-template-version", "Change the launch template of a group of instances", ec2Service, pathfinding+"ec2-005", launchTemplateKind,
			"ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"),
		borrow("ecs-execute-command", "Run commands in a container", ecsTasksService, pathfinding+"ecs-006", ecsTaskKind, "ecs:ExecuteCommand"),
		borrow("update-stack", "Change a stack that has a role", cloudFormationService, pathfinding+"cloudformation-002", stackKind, "cloudformation:UpdateStack"),
		borrow("execute-change-set", "Change a stack that has a role by a change set", cloudFormationService, pathfinding+"cloudformation-005", stackKind,
			"cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"),
		borrow("start-build", "Run another build in a project", codeBuildService, pathfinding+"codebuild-002", buildProjectKind, "codebuild:StartBuild"),
		borrow("glue-update-dev-endpoint", "Put an SSH key on a Glue development endpoint", glueService, pathfinding+"glue-002", devEndpointKind, "glue:UpdateDevEndpoint"),
		borrow("sagemaker-presigned-url", "Open somebody's notebook", sageMakerService, pathfinding+"sagemaker-004", notebookKind,
			"sagemaker:CreatePresignedNotebookInstanceUrl"),
		lifecycle,
		borrow("update-app-runner", "Put other code into an App Runner service", appRunnerService, pathfinding+"apprunner-002", appRunnerKind, "apprunner:UpdateService"),
	}
}
