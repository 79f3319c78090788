import Foundation
import Manifests
import NodeModel
import TestSupport
import Testing

@testable import PodSecurity

private let folder = SharedFolder.root + "/psa"
private let isThere = FileManager.default.fileExists(atPath: folder)

/// The Kubernetes project's own conformance pods, read in place.
@Suite(.enabled(if: isThere, "needs the shared folder psa")) struct ConformanceTests {
    /// One folder of pods, such as `v1.29/restricted/fail`.
    struct Group: CustomTestStringConvertible {
        var version: String
        var level: PodSecurityLevel
        var isAllowed: Bool

        var path: String { "\(folder)/\(version)/\(level.rawValue)/\(isAllowed ? "pass" : "fail")" }
        var testDescription: String { String(path.dropFirst(folder.count + 1)) }
    }

    static let groups: [Group] = {
        guard isThere else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("v") }.sorted().flatMap { version in
            [PodSecurityLevel.baseline, .restricted].flatMap { level in
                [true, false].map { Group(version: version, level: level, isAllowed: $0) }
            }
        }
    }()

    /// 500 pods in all, so that none is left out unnoticed.
    @Test func everyPodIsThere() throws {
        let counts = try Self.groups.map { try FileManager.default.contentsOfDirectory(atPath: $0.path).count }
        #expect(Self.groups.count == 16 && counts.reduce(0, +) == 500)
    }

    @Test(arguments: groups)
    func verdicts(group: Group) throws {
        let version = try #require(PodSecurityVersion(group.version))
        for file in try FileManager.default.contentsOfDirectory(atPath: group.path).sorted() {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(group.path)/\(file)"))
            let manifest = WorkloadFile(Array(bytes), name: file)
            let pod = try #require(manifest.templates.first?.pod, "\(file)")
            #expect(manifest.errors == [] && manifest.templates.count == 1, "\(file)")
            let verdict = PodSecurityStandards.evaluate(pod, level: group.level, version: version)
            #expect(verdict.isAllowed == group.isAllowed, "\(file): \(verdict.detail)")
            if !group.isAllowed { try Self.expect(file, pod, verdict, version) }
        }
    }

    /// The check that the file is named after forbids the pod.
    ///
    /// At the level restricted some checks of baseline give way to stricter ones of the same fields (the project's
    /// OverrideCheckIDs): the stricter one has to forbid the pod then, and the other one by itself, too.
    private static func expect(
        _ file: String, _ pod: Pod, _ verdict: PodSecurityVerdict, _ version: PodSecurityVersion
    ) throws {
        let name = file.prefix { $0 != "." }.lowercased()
        let named = try #require(
            PodSecurityStandards.checks.filter { name.hasPrefix($0.id.lowercased()) }.max {
                $0.id.utf8.count < $1.id.utf8.count
            }, "\(file) is named after no check")
        #expect(Int(name.dropFirst(named.id.utf8.count)) != nil, "\(file)")
        #expect(named.judge(pod, at: version) != nil, "\(file)")
        let stricter = PodSecurityStandards.checks(at: verdict.level, version: version).first {
            $0.overrides.contains(named.id)
        }
        #expect(verdict.violations.contains { $0.check == (stricter ?? named).id }, "\(file): \(verdict.detail)")
    }
}
