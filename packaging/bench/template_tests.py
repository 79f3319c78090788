"""Tests of packaging/cloudformation: what the templates make in moto, and that it is what they say.

moto's CloudFormation leaves out the types in `BY_API`, without an error: of those each is made through its own service with the
properties that the template has for it, which the models of AWS's client library check. What moto
has not at all (associations, query definitions) is checked by the model alone, and access entries by nothing but cfn-lint.
"""

import base64
import itertools
import json
import logging
import math
import random
import re
import subprocess
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import yaml
from botocore.validate import ParamValidator
from moto import mock_aws
from moto.cloudformation import parsing
from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.utils import yaml_tag_constructor
from moto.moto_api._internal import moto_api_backend

TEMPLATES = Path(__file__).resolve().parent.parent / "cloudformation"
SSM, SOURCES = TEMPLATES.parent / "ssm", TEMPLATES.parent.parent / "Sources"
REGION, ACCOUNT = "us-east-1", "123456789012"
NUMBERS = {"Threshold", "minSize", "desiredSize", "maxSize"}

yaml.SafeLoader.add_multi_constructor("", yaml_tag_constructor)
# moto says of each type that it does not make that it does not, and warns as well.
logging.disable(logging.WARNING)


def client(service: str) -> Any:
    """moto's stand-in of a service."""
    return boto3.client(service, REGION, aws_access_key_id="k", aws_secret_access_key="s")


def template(name: str) -> dict[str, Any]:
    """A template as it is written."""
    return yaml.safe_load((TEMPLATES / f"{name}.yaml").read_text())


def lowered(value: Any) -> Any:
    """Names as the newer APIs have them: the first letter small."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: lowered(member) for name, member in value.items()}
    return [lowered(member) for member in value] if isinstance(value, list) else value


def counted(value: Any) -> Any:
    """CloudFormation takes numbers as text where a parameter gives them."""
    if isinstance(value, dict):
        return {name: float(member) if name == "Threshold" else int(member) if name in NUMBERS else counted(member)
                for name, member in value.items()}
    return [counted(member) for member in value] if isinstance(value, list) else value


def valued(value: Any) -> Any:
    """Without the members of lists that have no value (AWS::NoValue), which moto keeps."""
    if isinstance(value, dict):
        return {name: valued(member) for name, member in value.items()}
    return [valued(member) for member in value if member is not None] if isinstance(value, list) else value


def holds(condition: dict[str, Any], given: dict[str, str]) -> bool:
    """Whether a condition is true of such parameters."""
    ((name, operands),) = condition.items()
    if name == "Fn::Not":
        return not holds(operands[0], given)
    values = [given[operand["Ref"]] if isinstance(operand, dict) else operand for operand in operands]
    return name == "Fn::Equals" and values[0] == values[1]


def check(service: str, operation: str, parameters: dict[str, Any]) -> None:
    """Whether AWS's client library would send this."""
    shape = client(service).meta.service_model.operation_model(operation).input_shape
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise ValueError(report.generate_report())


BY_API = {
    "AWS::CloudWatch::Alarm": lambda p: client("cloudwatch").put_metric_alarm(**counted(p)),
    "AWS::EKS::Cluster": lambda p: client("eks").create_cluster(**lowered(p)),
    # Its Ref of the cluster is nothing to moto.
    "AWS::EKS::Nodegroup": lambda p: client("eks").create_nodegroup(
        clusterName="breakoutd-demo", nodegroupName="nodes", **counted(lowered(p))),
    "AWS::Logs::MetricFilter": lambda p: client("logs").put_metric_filter(filterName="filter", **lowered(p)),
    "AWS::Logs::QueryDefinition": lambda p: check("logs", "PutQueryDefinition", lowered(p)),
    "AWS::SNS::Subscription": lambda p: client("sns").subscribe(**p),
    "AWS::SSM::Association": lambda p: check("ssm", "CreateAssociation", p),
}


class Case(unittest.TestCase):
    """A moto of its own for each test, with the role of some nodes."""

    def setUp(self) -> None:
        mock = mock_aws()
        mock.start()
        self.addCleanup(mock.stop)
        self.begin()

    def begin(self) -> None:
        """Another account, as it were."""
        moto_api_backend.reset()
        client("iam").create_role(RoleName="nodes", AssumeRolePolicyDocument="{}")

    def make(self, name: str, **parameters: str) -> dict[str, Any]:
        """Makes everything of a template; the properties of each resource by its logical name."""
        written = template(name)
        types = {logical: resource["Type"] for logical, resource in written["Resources"].items()}
        if set(types.values()) <= set(BY_API):
            # Without the class of a resource moto cannot tell what its outputs are.
            written.pop("Outputs", None)
        client("cloudformation").create_stack(
            StackName=name, TemplateBody=json.dumps(written), Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()])
        found = client("cloudformation").list_stack_resources(StackName=name)["StackResourceSummaries"]
        made = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found
                if resource.get("PhysicalResourceId")}
        resources = list(cloudformation_backends[ACCOUNT][REGION].stacks.values())[-1].resource_map
        properties = {}
        for logical, resource in written["Resources"].items():
            if not resources.lazy_condition_map.get(resource.get("Condition"), True):
                continue
            properties[logical] = valued(parsing.clean_json(resource.get("Properties", {}), resources))
            if types[logical] in BY_API:
                BY_API[types[logical]](properties[logical])
            elif types[logical] != "AWS::EKS::AccessEntry":
                self.assertIn(logical, made)
        return properties


class Network(Case):
    """Two zones, three kinds of subnets, one way out."""

    def test_routes(self) -> None:
        properties = self.make("network", ClusterName="demo")
        # moto makes no associations of subnets: which route table each has is the template's word.
        table_of = {made["SubnetId"]: made["RouteTableId"] for name, made in properties.items() if "Routes" in name
                    and "SubnetId" in made}
        ec2 = client("ec2")
        outputs = client("cloudformation").describe_stacks(StackName="network")["Stacks"][0]["Outputs"]
        subnets = {output["OutputKey"]: output["OutputValue"].split(",") for output in outputs}
        (gateway,) = ec2.describe_nat_gateways()["NatGateways"]
        self.assertIn(gateway["SubnetId"], subnets["PublicSubnets"])
        expected = {"PublicSubnets": "GatewayId", "PrivateSubnets": "NatGatewayId", "IsolatedSubnets": None}
        for kind, target in expected.items():
            with self.subTest(kind):
                found = ec2.describe_subnets(SubnetIds=subnets[kind])["Subnets"]
                self.assertEqual({subnet["AvailabilityZone"] for subnet in found}, {f"{REGION}a", f"{REGION}b"})
                for subnet in subnets[kind]:
                    (table,) = ec2.describe_route_tables(RouteTableIds=[table_of[subnet]])["RouteTables"]
                    ways = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
                    self.assertEqual([name for way in ways for name in ("GatewayId", "NatGatewayId") if way.get(name)],
                                     [target] if target else [])


class Cluster(Case):
    """EKS with two nodes that Systems Manager reaches."""

    def test_nodes(self) -> None:
        properties = self.make("cluster", Subnets="subnet-1,subnet-2", Administrator=f"arn:aws:iam::{ACCOUNT}:role/admin",
                               PublicAccessFrom="192.0.2.0/24")
        self.assertEqual(client("eks").describe_cluster(name="breakoutd-demo")["cluster"]["resourcesVpcConfig"]["subnetIds"],
                         ["subnet-1", "subnet-2"])
        (name,) = client("eks").list_nodegroups(clusterName="breakoutd-demo")["nodegroups"]
        group = client("eks").describe_nodegroup(clusterName="breakoutd-demo", nodegroupName=name)["nodegroup"]
        self.assertEqual(group["scalingConfig"], {"minSize": 2, "desiredSize": 2, "maxSize": 2})
        data = client("ec2").describe_launch_template_versions(
            LaunchTemplateId=group["launchTemplate"]["id"])["LaunchTemplateVersions"][0]["LaunchTemplateData"]
        self.assertEqual((data["InstanceType"], data["MetadataOptions"]["HttpTokens"]), ("t3.medium", "required"))
        # moto has no policies of AWS's own to attach.
        self.assertIn("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore", properties["NodeRole"]["ManagedPolicyArns"])
        self.assertIn("NodeRole", group["nodeRole"])
        self.assertEqual(properties["AdministratorAccess"]["PrincipalArn"], f"arn:aws:iam::{ACCOUNT}:role/admin")


    def test_version_of_amazon_linux_2(self) -> None:
        """moto takes no notice of rules: this is what the intrinsic functions of the one rule say of the parameters."""
        (rule,) = template("cluster")["Rules"].values()
        (assertion,) = rule["Assertions"]
        for image, version, refused in (
                ("AL2_x86_64", "", True), ("AL2_x86_64", "1.32", False), ("AL2023_x86_64_STANDARD", "", False),
                ("AL2023_x86_64_STANDARD", "1.34", False)):
            given = {"Image": image, "KubernetesVersion": version}
            with self.subTest(**given):
                self.assertEqual(holds(rule["RuleCondition"], given) and not holds(assertion["Assert"], given), refused)


class Monitoring(Case):
    """The log group and who watches it."""

    def test_everything(self) -> None:
        properties = self.make("monitoring", ClusterName="demo", NodeRole="nodes", NodeCount="2", Address="a@example.com",
                               AutoScalingGroup="group")
        (group,) = client("logs").describe_log_groups()["logGroups"]
        self.assertEqual((group["logGroupName"], group["retentionInDays"]), ("/breakoutd/demo", 90))
        self.assertIn(":key/", properties["Findings"]["KmsKeyId"])
        alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
        self.assertEqual({alarm["AlarmName"].removeprefix("breakoutd-demo-") for alarm in alarms}, {
            "critical-finding", "undeclared-host-namespace", "heartbeat-missing", "node-silent", "events-lost",
            "could-not-judge", "self-test-failed", "self-test-slow"})
        (topic,) = client("sns").list_topics()["Topics"]
        self.assertEqual({action for alarm in alarms for action in alarm["AlarmActions"]}, {topic["TopicArn"]})
        (subscription,) = client("sns").list_subscriptions()["Subscriptions"]
        self.assertEqual((subscription["Protocol"], subscription["Endpoint"]), ("email", "a@example.com"))
        board = client("cloudwatch").get_dashboard(DashboardName="breakoutd-demo")
        widgets = json.loads(board["DashboardBody"])["widgets"]
        self.assertEqual([widget["type"] for widget in widgets], ["metric"] * 4 + ["log"])
        self.assertIn("SOURCE '/breakoutd/demo'", widgets[-1]["properties"]["query"])

    def test_who_may_write(self) -> None:
        """The nodes, where their role is named, and pods of the DaemonSet's namespace always."""
        for nodes in ("nodes", ""):
            self.begin()
            with self.subTest(nodes):
                self.make("monitoring", ClusterName="demo", NodeRole=nodes, Namespace="watch")
                iam = client("iam")
                (role,) = (role for role in iam.list_roles()["Roles"] if role["RoleName"] != "nodes")
                (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
                self.assertEqual(trust["Principal"], {"Service": "pods.eks.amazonaws.com"})
                self.assertEqual(trust["Condition"]["StringEquals"], {
                    "aws:RequestTag/kubernetes-namespace": "watch", "aws:RequestTag/eks-cluster-name": "demo"})
                writers = [one["RoleName"] for one in iam.list_roles()["Roles"]
                           if iam.list_role_policies(RoleName=one["RoleName"])["PolicyNames"]]
                self.assertEqual(set(writers), {role["RoleName"], nodes} - {""})
                document = iam.get_role_policy(RoleName=role["RoleName"], PolicyName="breakoutd-demo")["PolicyDocument"]
                (statement,) = document["Statement"]
                self.assertEqual(statement["Action"], ["logs:CreateLogStream", "logs:PutLogEvents"])
                self.assertRegex(statement["Resource"], "log-group:/breakoutd/demo:log-stream:\\*$")

    def watch(self, **parameters: str) -> Callable[[str, list[int], int], bool]:
        """Whether an alarm goes off by the beats of one period after another, at so many nodes in service."""
        self.begin()
        made = self.make("monitoring", ClusterName="demo", NodeRole="nodes", **parameters)

        def goes_off(alarm: str, beats: list[int], nodes: int) -> bool:
            parts = made[alarm]["Metrics"]
            self.assertEqual({part["MetricStat"]["Period"] for part in parts if "MetricStat" in part}, {300})
            (expression,) = (part["Expression"] for part in parts if "Expression" in part)
            late = {"LessThanThreshold": float.__lt__, "GreaterThanOrEqualToThreshold": float.__ge__}[
                made[alarm]["ComparisonOperator"]]
            # Of CloudWatch's metric math.
            names = {"FLOOR": math.floor, "FILL": lambda series, _: series, "nodes": nodes}
            breaching = [late(float(eval(expression, {"__builtins__": {}}, {**names, "heartbeats": sent})),
                              float(made[alarm]["Threshold"])) for sent in beats]
            evaluated, needed = made[alarm]["EvaluationPeriods"], made[alarm]["DatapointsToAlarm"]
            return any(sum(breaching[end - evaluated:end]) >= needed for end in range(evaluated, len(beats) + 1))

        return goes_off

    def test_silence(self) -> None:
        """One node that falls silent: of a small fleet it is told soon, of any in half an hour."""
        self.assertIn("period = Duration.seconds(60)", (SOURCES / "Daemon/Heartbeat.swift").read_text())
        for nodes in (1, 2, 20, 29, 31, 1000, 10_000):
            for counted in ({}, {"AutoScalingGroup": "group"}):
                goes_off = self.watch(NodeCount=str(nodes), **counted)
                whole, silent = 5 * nodes, 5 * (nodes - 1)
                with self.subTest(nodes=nodes, counted=counted):
                    for alarm in ("HeartbeatMissing", "NodeSilent"):
                        # Some beats may be in the period before or after.
                        self.assertFalse(goes_off(alarm, [whole, whole - 2, whole + 2] * 8, nodes))
                    self.assertEqual(goes_off("HeartbeatMissing", [whole, whole, silent, silent], nodes), nodes < 30)
                    self.assertTrue(goes_off("NodeSilent", [whole] * 3 + [silent] * 6, nodes))
                    self.assertFalse(goes_off("NodeSilent", [whole] * 3 + [silent] * 5 + [whole] * 3, nodes))

    def test_upgrade(self) -> None:
        """Restarts of a tenth of the nodes at a time silence no node, however many there are."""
        chance = random.Random(7)
        for nodes in (1, 10, 20, 100, 1000, 10_000):
            goes_off = self.watch(NodeCount=str(nodes), AutoScalingGroup="group")
            for each, away in itertools.product((30, 60, 120), (2, 5, 10)):
                beats = [5 * nodes] * 20
                begin = chance.uniform(3000, 3300)
                for node in range(nodes):
                    stop = begin + 10 * node // nodes * each + chance.uniform(0, each - away)
                    # The node's moment of each minute (Sources/Daemon/Heartbeat.swift).
                    due = stop + (chance.uniform(0, 55) - stop) % 60
                    if due < stop + away:
                        beats[int(due // 300)] -= 1
                for alarm in ("HeartbeatMissing", "NodeSilent"):
                    with self.subTest(nodes=nodes, each=each, away=away, alarm=alarm):
                        self.assertFalse(goes_off(alarm, beats, nodes), beats)

    def nodes_in_service(self, **parameters: str) -> tuple[str, str, str]:
        """What the alarm compares the heartbeats with: a metric and its dimension."""
        self.make("monitoring", ClusterName="demo", NodeRole="nodes", **parameters)
        (alarm,) = client("cloudwatch").describe_alarms(AlarmNames=["breakoutd-demo-node-silent"])["MetricAlarms"]
        (nodes,) = (part["MetricStat"]["Metric"] for part in alarm["Metrics"] if part["Id"] == "nodes")
        (dimension,) = nodes["Dimensions"]
        return nodes["MetricName"], dimension["Name"], dimension["Value"]

    def test_nodes_of_a_group(self) -> None:
        self.assertEqual(self.nodes_in_service(AutoScalingGroup="group", ContainerInsights="yes"),
                         ("GroupInServiceInstances", "AutoScalingGroupName", "group"))

    def test_nodes_of_all_groups(self) -> None:
        self.assertEqual(self.nodes_in_service(ContainerInsights="yes"), ("cluster_node_count", "ClusterName", "demo"))

    def test_alarms_of_the_filters(self) -> None:
        properties = self.make("monitoring", ClusterName="demo", NodeRole="nodes")
        resources = template("monitoring")["Resources"]
        asked = [resources["UndeclaredHostNamespace"]["Properties"]["MetricName"]]
        asked += [part["MetricStat"]["Metric"]["MetricName"]
                  for part in resources["CriticalFinding"]["Properties"]["Metrics"] if "MetricStat" in part]
        filters = [resource["Properties"] for resource in resources.values()
                   if resource["Type"] == "AWS::Logs::MetricFilter"]
        self.assertEqual(len(filters), 2)
        for one in filters:
            # In the midst of a text a wildcard is a star.
            self.assertNotIn("*", one["FilterPattern"])
            self.assertLess(len(one["FilterPattern"]), 1024)
            (metric,) = one["MetricTransformations"]
            self.assertEqual(metric["MetricNamespace"], "Breakoutd")
            self.assertIn(metric["MetricName"], asked)

    def test_metrics_are_those_of_the_product(self) -> None:
        source = (SOURCES / "Reports/MinuteMetrics.swift").read_text()
        alarms = [resource["Properties"] for resource in template("monitoring")["Resources"].values()
                  if resource["Type"] == "AWS::CloudWatch::Alarm"]
        parts = [part["MetricStat"]["Metric"] for alarm in alarms for part in alarm.get("Metrics", []) if "MetricStat" in part]
        # The others are those of filters, or of other services.
        names = {metric["MetricName"] for metric in alarms + parts
                 if metric.get("Namespace") == "Breakoutd" and isinstance(metric["MetricName"], str)}
        self.assertLessEqual({"Heartbeat", "Critical", "EventsLost", "Gaps"}, names)
        for name in names - {"Critical"}:
            self.assertRegex(source, f'\\("{name}", ("Count"|selfTestSeconds)')


class Queries(Case):
    """What the queries answer is Tests/DaemonTests/FleetQueryTests.swift's to say."""

    def test_saved(self) -> None:
        properties = self.make("queries", ClusterName="demo")
        names = [query["Name"].removeprefix("breakoutd/demo/") for query in properties.values()]
        self.assertEqual(len(set(names)), 11)
        for name, query in zip(names, properties.values()):
            self.assertRegex(name, "^[a-z-]+$")
            self.assertEqual(query["LogGroupNames"], ["/breakoutd/demo"])


class SecurityHub(Case):
    """Nodes and pods may import findings, and nothing else."""

    def test_policy(self) -> None:
        self.make("securityhub", ClusterName="demo", NodeRole="nodes")
        (attached,) = client("iam").list_attached_role_policies(RoleName="nodes")["AttachedPolicies"]
        policy = client("iam").get_policy_version(PolicyArn=attached["PolicyArn"], VersionId="v1")["PolicyVersion"]
        (statement,) = policy["Document"]["Statement"]
        self.assertEqual((statement["Action"], statement["Resource"]), (
            "securityhub:BatchImportFindings", f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"))
        (role,) = (role for role in client("iam").list_roles()["Roles"] if role["RoleName"] != "nodes")
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        self.assertEqual(trust["Principal"], {"Service": "pods.eks.amazonaws.com"})

    def test_without_nodes(self) -> None:
        self.make("securityhub", ClusterName="demo")
        self.assertEqual(client("iam").list_attached_role_policies(RoleName="nodes")["AttachedPolicies"], [])

    def test_one_role_of_both(self) -> None:
        """A service account has one association with a role."""
        self.make("monitoring", ClusterName="demo")
        outputs = client("cloudformation").describe_stacks(StackName="monitoring")["Stacks"][0]["Outputs"]
        (name,) = (output["OutputValue"] for output in outputs if output["OutputKey"] == "PodRole")
        self.make("securityhub", ClusterName="demo", PodRole=name)
        iam = client("iam")
        self.assertEqual({role["RoleName"] for role in iam.list_roles()["Roles"]}, {"nodes", name})
        self.assertEqual(iam.list_role_policies(RoleName=name)["PolicyNames"], ["breakoutd-demo"])
        (attached,) = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        policy = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId="v1")["PolicyVersion"]
        self.assertEqual(policy["Document"]["Statement"][0]["Action"], "securityhub:BatchImportFindings")


class Documents(Case):
    """The Command documents as a release has them, and the association that runs one of them."""

    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        subprocess.run([SSM / "make-documents", folder.name], check=True)
        self.contents = {path.stem: path.read_text() for path in Path(folder.name).iterdir()}
        for name, content in self.contents.items():
            client("ssm").create_document(Name=name, Content=content, DocumentType="Command", DocumentFormat="JSON")

    def test_read_back(self) -> None:
        self.assertEqual(set(self.contents), {f"Breakoutd{name}" for name in ("Install", "Scan", "Status", "Uninstall")})
        listed = client("ssm").list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])["DocumentIdentifiers"]
        self.assertEqual({document["Name"]: document["SchemaVersion"] for document in listed},
                         dict.fromkeys(self.contents, "2.2"))
        for name, content in self.contents.items():
            with self.subTest(name):
                document = json.loads(client("ssm").get_document(Name=name)["Content"])
                self.assertEqual(document, json.loads(content))
                self.assertLess(len(content), 64 * 1024)
                (step,) = document["mainSteps"]
                lines = step["inputs"]["runCommand"]
                self.assertEqual(lines[0], "#!/bin/sh")
                # What stands for a parameter, and for nothing else.
                self.assertEqual(set(re.findall(r"{{ (\w+) }}", "\n".join(lines))), set(document.get("parameters", {})))

    def test_time_to_fetch(self) -> None:
        """The last try begins before the first of the limits and takes no longer than the second; the rest needs a minute."""
        for name in ("BreakoutdInstall", "BreakoutdScan"):
            (step,) = json.loads(self.contents[name])["mainSteps"]
            limits = re.search(r"--retry-max-time (\d+) --max-time (\d+)", "\n".join(step["inputs"]["runCommand"]))
            assert limits
            self.assertLessEqual(sum(map(int, limits.groups())) + 60, int(step["inputs"]["timeoutSeconds"]))

    def test_association(self) -> None:
        made = self.make("association", Url="https://releases.example/breakoutd.tar.gz", Sha256="0" * 64, TagValue="demo")
        (found,) = made.values()
        self.assertEqual(found["Targets"], [{"Key": "tag:eks:cluster-name", "Values": ["demo"]}])
        document = json.loads(client("ssm").get_document(Name=found["Name"])["Content"])
        self.assertLessEqual(set(found["Parameters"]), set(document["parameters"]))

    def test_configuration_of_the_demonstration(self) -> None:
        """By the guide's commands the nodes write where the alarms look."""
        guide = (SOURCES / "breakoutd/Documentation.docc/Installation.md").read_text()
        (text,) = re.findall("'Configuration=(.*)'$", guide, re.MULTILINE)
        (cluster,) = set(re.findall(r"ClusterName=([a-z][\w-]+)", guide))
        made = self.make("association", Url="https://releases.example/breakoutd.tar.gz", Sha256="0" * 64, TagValue=cluster,
                         Configuration=text)
        (given,) = made["Installation"]["Parameters"]["Configuration"]
        self.assertEqual(base64.b64decode(given).decode(), text)
        self.assertRegex(given, json.loads(self.contents["BreakoutdInstall"])["parameters"]["Configuration"]["allowedPattern"])
        configuration = yaml.safe_load(text)
        schema = json.loads((TEMPLATES.parent / "schema/breakoutd-config-1.schema.json").read_text())
        jsonschema.validate(configuration, schema)
        monitoring = self.make("monitoring", ClusterName=cluster, NodeRole="nodes")
        self.assertEqual((configuration["clusterName"], configuration["sinks"]["cloudwatchLogs"]["group"]),
                         (cluster, monitoring["Findings"]["LogGroupName"]))


if __name__ == "__main__":
    unittest.main(warnings="ignore")
