import Checks
import Findings
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct OCSFReportTests {
    private func parsed(_ finding: Finding, _ origin: RecordOrigin = EventLineTests.origin) throws -> NSDictionary {
        let line = try OCSFReport.line(
            EventLineTests.record(finding), from: origin, at: 1_700_000_000_000, within: 200_000)
        let document = try EMFDocumentTests.parsed(try #require(line))
        #expect(OCSFRules.violations(document) == [])
        return document as NSDictionary
    }

    @Test func everythingKnown() throws {
        let document = try parsed(.sample())
        #expect(document["class_uid"] as? Int == 2004 && document["type_uid"] as? Int == 200_401)
        #expect(document["message"] as? String == "Reason of privileged. 41 capabilities")
        #expect(
            document["metadata"] as? NSDictionary == [
                "version": "1.6.0", "profiles": ["host", "container"],
                "product": ["name": "breakoutd", "vendor_name": "breakoutd", "version": "0.1.0"],
            ])
        #expect(
            document["device"] as? NSDictionary == ["type_id": 1, "name": "ip-10-0-3-17", "instance_uid": "i-0a1b"])
        #expect(
            document["finding_info"] as? NSDictionary == [
                "uid": "f-privileged", "title": "Title of privileged",
                "desc": "It means that privileged is seen on the node.", "created_time": 1_700_000_000_000,
                "types": ["exposure"],
                "analytic": ["uid": "privileged", "name": "Title of privileged", "type_id": 1],
                "attacks": [["technique": ["uid": "T1611"]]],
            ])
        #expect(
            document["evidences"] as? NSArray == [
                [
                    "process": [
                        "pid": 4100, "tid": 4101, "name": "web-worker", "path": "/bin/web", "user": ["uid": "0"],
                        "container": [
                            "uid": QuietIDs.container, "name": "web", "runtime": "containerd",
                            "image": ["uid": "registry.example/web:1", "name": "registry.example/web:1"],
                            "orchestrator": "kubernetes", "pod_uuid": QuietIDs.podUID,
                        ],
                    ]
                ]
            ])
        #expect(
            document["resources"] as? NSArray == [
                ["type": "Kubernetes pod", "name": "web-0", "uid": QuietIDs.podUID, "namespace": "shop"]
            ])
        let whole = (document["unmapped"] as? NSDictionary)?["finding"] as? NSDictionary
        #expect(whole?["declared"] as? String == "declared-by-runtime")
    }

    @Test func nothingKnown() throws {
        let bare = Finding(id: "f", technique: .sample("t"), severity: .info, declared: .unknown, detail: "d")
        let document = try parsed(bare, RecordOrigin())
        for name in ["device", "evidences", "resources"] { #expect(document[name] == nil) }
        #expect(document["is_alert"] as? Bool == false)
    }

    @Test func withoutAProcess() throws {
        let document = try parsed(.sample().changing { $0.task = nil })
        let evidence = (document["evidences"] as? [NSDictionary])?.first
        #expect(Set(evidence?.allKeys as? [String] ?? []) == ["container", "data"])
    }

    @Test(arguments: [(Severity.info, 1), (.low, 2), (.medium, 3), (.high, 4), (.critical, 5)])
    func severities(severity: Severity, id: Int) throws {
        #expect(try parsed(.sample("t", severity))["severity_id"] as? Int == id)
    }

    @Test func subTechniques() throws {
        let technique = Technique.sample("t", .action, attack: ["T1053.003", "T1611"])
        let information = try parsed(.sample().changing { $0.technique = technique })["finding_info"] as? NSDictionary
        #expect(
            information?["attacks"] as? NSArray == [
                ["technique": ["uid": "T1053"], "sub_technique": ["uid": "T1053.003"]],
                ["technique": ["uid": "T1611"]],
            ])
        #expect((information?["analytic"] as? NSDictionary)?["type_id"] as? Int == 2)
    }

    /// The uid of a static pod is 32 hexadecimal digits, which is no UUID for OCSF.
    @Test(arguments: ["0d15f723566347c5acb1bf3fc445e613", "x", "", "0d15f723-5663-47c5-acb1-bf3fc445e61g"])
    func uidsThatAreNoUUIDs(uid: String) throws {
        let document = try parsed(.sample().changing { $0.pod = PodIdentity(namespace: "n", name: "p", uid: uid) })
        let process = (document["evidences"] as? [NSDictionary])?.first?["process"] as? NSDictionary
        #expect((process?["container"] as? NSDictionary)?["pod_uuid"] == nil)
        #expect((document["resources"] as? [NSDictionary])?.first?["uid"] as? String == uid)
    }

    @Test func theRulesSeeMistakes() throws {
        let line = try OCSFReport.line(
            EventLineTests.record(.sample()), from: EventLineTests.origin, at: 1, within: 200_000)
        let good = try EMFDocumentTests.parsed(try #require(line))
        for name in ["class_uid", "category_uid", "activity_id", "type_uid", "severity_id", "time", "metadata"] {
            var bad = good
            bad[name] = nil
            #expect(!OCSFRules.violations(bad).isEmpty, "\(name)")
        }
        for (name, value) in [("invented", 1 as Any), ("type_uid", 1), ("severity_id", 9), ("time", "now")] {
            var bad = good
            bad[name] = value
            #expect(!OCSFRules.violations(bad).isEmpty, "\(name)")
        }
    }
}

/// What OCSF 1.6.0 says of Detection Finding and Base Event, as far as it is used here.
enum OCSFRules {
    /// The attributes of each object, those it must have first.
    private static let objects: [String: (required: [String], optional: [String])] = [
        "event": (
            ["activity_id", "category_uid", "class_uid", "type_uid", "severity_id", "time", "metadata"],
            [
                "activity_name", "count", "device", "evidences", "finding_info", "is_alert", "message", "remediation",
                "resources", "status_id", "unmapped",
            ]
        ),
        "metadata": (["product", "version"], ["profiles"]),
        "product": ([], ["name", "vendor_name", "version"]),
        "device": (["type_id"], ["name", "instance_uid"]),
        "finding_info": (["uid"], ["title", "desc", "created_time", "types", "analytic", "attacks"]),
        "analytic": (["type_id"], ["uid", "name"]),
        "attacks": ([], ["technique", "sub_technique"]),
        "technique": ([], ["uid"]), "sub_technique": ([], ["uid"]), "user": ([], ["uid"]),
        "remediation": (["desc"], []),
        "evidences": ([], ["process", "container", "data"]),
        "process": ([], ["pid", "tid", "name", "path", "user", "container"]),
        "container": ([], ["uid", "name", "image", "runtime", "orchestrator", "pod_uuid"]),
        "image": (["uid"], ["name"]),
        "resources": ([], ["type", "name", "uid", "namespace"]),
    ]
    private static let free = ["unmapped", "data"]

    static func violations(_ event: [String: Any]) -> [String] {
        var found = violations("event", event)
        for name in ["activity_id", "category_uid", "class_uid", "type_uid", "severity_id", "time"]
        where !(event[name] is Int) { found.append("\(name) is no number") }
        let (kind, activity) = (event["class_uid"] as? Int ?? -1, event["activity_id"] as? Int ?? -1)
        if event["type_uid"] as? Int != kind * 100 + activity { found.append("type_uid") }
        if ![0, 1, 2, 3, 4, 5, 6, 99].contains(event["severity_id"] as? Int) { found.append("severity_id") }
        if kind == 2004, event["finding_info"] == nil { found.append("no finding_info") }
        if kind == 2004, event["category_uid"] as? Int != 2 { found.append("category_uid") }
        return found
    }

    private static func violations(_ name: String, _ value: Any) -> [String] {
        if let list = value as? [Any] { return list.flatMap { violations(name, $0) } }
        guard let members = value as? [String: Any], !free.contains(name) else { return [] }
        guard let rules = objects[name] else { return ["\(name) is no object"] }
        let missing = rules.required.filter { members[$0] == nil }.map { "\(name) has no \($0)" }
        let unknown = members.keys.filter { !(rules.required + rules.optional).contains($0) }
        return missing + unknown.map { "\(name) has \($0)" } + members.flatMap { violations($0.key, $0.value) }
    }
}
