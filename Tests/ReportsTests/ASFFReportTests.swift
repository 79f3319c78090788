import Checks
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Findings
@testable import Reports

@Suite struct ASFFReportTests {
    private func document(
        _ finding: Finding = .sample(), _ change: FindingRecord.Change = .raised,
        _ origin: RecordOrigin = EventLineTests.origin
    ) throws -> [String: Any] {
        let record = EventLineTests.record(finding, change, from: 1_700_000_000_000, to: 1_700_000_060_000)
        let draft = try #require(try EventLine.record(record, as: .asff, from: origin, at: 1_700_000_061_500))
        return try EMFDocumentTests.parsed(try EventLineTests.hubDocument(draft, from: origin))
    }

    @Test func everything() throws {
        let found = try document()
        #expect(ASFFRules.violations(found) == [])
        #expect(found["SchemaVersion"] as? String == "2018-10-08" && found["AwsAccountId"] as? String == "123456789012")
        #expect(found["Id"] as? String == "breakoutd/i-0a1b/f-privileged")
        #expect(
            found["ProductArn"] as? String
                == "arn:aws:securityhub:eu-central-1:123456789012:product/123456789012/default")
        #expect(found["GeneratorId"] as? String == "breakoutd/privileged")
        #expect(found["CreatedAt"] as? String == "2023-11-14T22:13:20.000Z")
        #expect(found["UpdatedAt"] as? String == "2023-11-14T22:14:21.500Z")
        #expect(found["Description"] as? String == "Reason of privileged. 41 capabilities")
        #expect((found["Severity"] as? [String: String]) == ["Label": "CRITICAL"])
        #expect((found["Process"] as? [String: Any])?["Pid"] as? Int == 4100)
        let resources = try #require(found["Resources"] as? [[String: Any]])
        #expect(resources.map { $0["Type"] as? String } == ["Container", "AwsEc2Instance", "AwsEksCluster"])
        #expect(resources[1]["Id"] as? String == "arn:aws:ec2:eu-central-1:123456789012:instance/i-0a1b")
        #expect(resources[2]["Id"] as? String == "arn:aws:eks:eu-central-1:123456789012:cluster/prod")
        let details = try #require(resources[0]["Details"] as? [String: [String: String]])
        #expect(
            details["Container"] == [
                "Name": "web", "ImageName": "registry.example/web:1", "ContainerRuntime": "containerd",
            ])
        #expect(details["Other"]?["pod"] == QuietIDs.pod.name)
    }

    static let states: [(change: FindingRecord.Change, state: String)] = [
        (.raised, "ACTIVE"), (.worsened, "ACTIVE"), (.cleared, "ARCHIVED"), (.clearedByReboot, "ARCHIVED"),
    ]

    @Test(arguments: states)
    func whatIsOverIsArchivedUnderItsID(change: FindingRecord.Change, state: String) throws {
        let found = try document(.sample(), change)
        #expect(found["RecordState"] as? String == state)
        #expect(found["Id"] as? String == "breakoutd/i-0a1b/f-privileged")
    }

    @Test(arguments: zip(Severity.allCases, ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]))
    func severities(severity: Severity, label: String) throws {
        let provided = try document(.sample("a", severity))["FindingProviderFields"] as? [String: Any]
        #expect(provided?["Severity"] as? [String: String] == ["Label": label])
    }

    /// A node of which nothing is known but that it is one, and a finding without pod, container and task.
    @Test func nothingIsKnown() throws {
        var origin = RecordOrigin()
        origin.account = .init(id: "123456789012", region: "cn-north-1")
        let bare = Finding(id: "f", technique: .sample("t"), severity: .low, declared: .unknown, detail: "")
        let found = try document(bare, .raised, origin)
        #expect(ASFFRules.violations(found) == [])
        let resources = try #require(found["Resources"] as? [[String: String]])
        #expect(resources == [["Type": "Other", "Id": "node", "Partition": "aws-cn", "Region": "cn-north-1"]])
    }

    /// Region and instance may become known later than the finding: the draft has neither.
    @Test func aDraftIsOfNoRegion() throws {
        let record = EventLineTests.record(.sample())
        let draft = try #require(try EventLine.record(record, as: .asff, from: RecordOrigin(node: "n"), at: 0))
        #expect(try EventLine.record(record, as: .asff, from: .init(node: "n", instance: "i-1"), at: 0) == draft)
        var origin = RecordOrigin(node: "n")
        for text in [draft, "", "[]", "{}", #"{"Id":1}"#] {
            #expect(try EventLine.hubDocument(text, from: origin) == nil)
        }
        origin.account = .init(id: "123456789012", region: "cn-north-1")
        #expect(try EventLine.hubDocument("{}", from: origin) == nil)
        let found = try EMFDocumentTests.parsed(try EventLineTests.hubDocument(draft, from: origin))
        #expect(ASFFRules.violations(found) == [] && found["Id"] as? String == "breakoutd/n/f-privileged")
        let resources = try #require(found["Resources"] as? [[String: Any]])
        #expect(resources.map { $0["Region"] as? String } == ["cn-north-1", "cn-north-1"])
        #expect(resources.map { $0["Partition"] as? String } == ["aws-cn", "aws-cn"])
    }

    /// AWS's own client library takes the documents for BatchImportFindings.
    @Test(.enabled(if: BenchPython.hasBotocore, "needs packaging/bench/setup, for botocore"))
    func theServicesModel() throws {
        let lines = try [Finding.sample(), .sample("t", .low, Hostile.all.text)].map {
            try EventLineTests.hubDocument(
                try #require(
                    try EventLine.record(EventLineTests.record($0), as: .asff, from: EventLineTests.origin, at: 0)))
        }
        let script = """
            import botocore.session, botocore.validate, json, sys
            model = botocore.session.get_session().get_service_model("securityhub")
            shape = model.operation_model("BatchImportFindings").input_shape
            def unknown(value, shape, path):
                if shape.type_name == "structure":
                    for name, member in value.items():
                        if name not in shape.members:
                            yield path + "." + name
                        else:
                            yield from unknown(member, shape.members[name], path + "." + name)
                elif shape.type_name == "list":
                    for member in value:
                        yield from unknown(member, shape.member, path)
            request = {"Findings": [json.loads(text) for text in sys.argv[1:]]}
            report = botocore.validate.ParamValidator().validate(request, shape)
            print("ready", *report.generate_report().split(), *unknown(request, shape, ""))
            """
        #expect(try StandIn(script, arguments: lines, interpreter: BenchPython.interpreter).words == [])
    }
}

/// What the Security Hub API reference and user guide ask of a finding beyond its types.
enum ASFFRules {
    static func violations(_ document: [String: Any]) -> [String] {
        var found: [String] = []
        let limits = ["Id": 512, "GeneratorId": 512, "Title": 256, "Description": 1024]
        for (name, limit) in limits {
            let text = document[name] as? String ?? ""
            if !(1...limit).contains(text.unicodeScalars.count) { found.append(name) }
        }
        for name in ["SchemaVersion", "ProductArn", "AwsAccountId", "CreatedAt", "UpdatedAt"]
        where document[name] == nil {
            found.append(name)
        }
        let labels = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
        if !labels.contains((document["Severity"] as? [String: String])?["Label"] ?? "") { found.append("Severity") }
        let resources = document["Resources"] as? [[String: Any]] ?? []
        if !(1...32).contains(resources.count) { found.append("Resources") }
        for resource in resources where (resource["Id"] as? String ?? "").isEmpty { found.append("Resources.Id") }
        blanks(in: document, "", &found)
        return found
    }

    /// Every string of the format has a character other than white space.
    private static func blanks(in value: Any, _ path: String, _ found: inout [String]) {
        switch value {
        case let text as String where text.allSatisfy(\.isWhitespace): found.append(path)
        case let members as [String: Any]:
            for (name, member) in members { blanks(in: member, "\(path).\(name)", &found) }
        case let list as [Any]: for member in list { blanks(in: member, path, &found) }
        default: break
        }
    }
}
