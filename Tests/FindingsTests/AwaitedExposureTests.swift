import Checks
import NodeModel
import TestSupport
import Testing

@testable import Findings

/// A privileged pod whose service account an entry of the allow-list excuses, and what is told of it as the API speaks.
@Suite struct AwaitedExposureTests {
    enum API: Sendable {
        case notAsked
        /// It has not answered yet.
        case silent
        /// It has the pod, and no status of it names the container yet.
        case unlisted
        case listed
        /// It had the container when it answered last.
        case away
        case otherAccount
        case notPrivileged
    }

    enum Step: Sendable {
        /// A scan some seconds after the first.
        case scan(Double, API)
        /// The same without the container.
        case ended(Double, API)
        /// The daemon starts anew with what it has saved.
        case restart
        /// A scan after the node has started anew: the container is gone.
        case rebooted(Double)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// Seconds of the container at the first scan.
        var age: UInt64 = 1
        var steps: [Step]
        /// The records of each step, as `change severity`.
        var told: [[String]]

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "the kubelet tells of it after some seconds",
            steps: [.scan(0, .unlisted), .scan(5, .unlisted), .scan(10, .listed), .scan(15, .listed)],
            told: [[], [], ["raised info"], []]),
        Case(
            name: "nobody tells of it", steps: [.scan(0, .unlisted), .scan(58, .unlisted), .scan(59, .unlisted)],
            told: [[], [], ["raised high"]]),
        Case(
            name: "it only has the names", steps: [.scan(0, .silent), .scan(5, .otherAccount)],
            told: [[], ["raised high"]]),
        Case(name: "another's pod", steps: [.scan(0, .otherAccount)], told: [["raised high"]]),
        Case(
            name: "its pod does not ask for it", steps: [.scan(0, .unlisted), .scan(5, .notPrivileged)],
            told: [[], ["raised critical"]]),
        Case(
            name: "it ends before the API tells",
            steps: [.scan(0, .unlisted), .ended(5, .unlisted), .ended(10, .listed), .ended(15, .listed)],
            told: [[], [], ["raised info"], ["cleared info"]]),
        Case(
            name: "it ends and only had the names",
            steps: [.scan(0, .silent), .ended(5, .silent), .ended(10, .otherAccount), .ended(15, .otherAccount)],
            told: [[], [], ["raised high"], ["cleared high"]]),
        Case(
            name: "it ends and nobody tells of it",
            steps: [.scan(0, .unlisted), .ended(5, .unlisted), .ended(60, .unlisted), .ended(65, .unlisted)],
            told: [[], [], ["raised high"], ["cleared high"]]),
        Case(
            name: "the first start on a node", age: 3600, steps: [.scan(0, .silent), .scan(5, .listed)],
            told: [[], ["raised info"]]),
        Case(
            name: "the first start, with no API", age: 3600,
            steps: [.scan(0, .silent), .scan(59.9, .silent), .scan(60, .silent), .scan(70, .listed)],
            told: [[], [], ["raised high"], []]),
        Case(
            name: "a restart", age: 3600,
            steps: [.scan(0, .listed), .restart, .scan(9, .silent), .scan(300, .silent), .scan(305, .listed)],
            told: [["raised info"], [], [], [], []]),
        Case(
            name: "a restart, and it is not allowed any more", age: 3600,
            steps: [.scan(0, .listed), .restart, .scan(9, .silent), .scan(14, .otherAccount)],
            told: [["raised info"], [], [], ["worsened high"]]),
        Case(
            name: "a restart while it waits",
            steps: [.scan(0, .unlisted), .restart, .scan(5, .silent), .scan(9, .listed)],
            told: [[], [], [], ["raised info"]]),
        Case(
            name: "it ends while nobody watches",
            steps: [.scan(0, .unlisted), .restart, .ended(5, .listed), .ended(10, .listed)],
            told: [[], [], ["raised high", "cleared high"], []]),
        Case(
            name: "it ends and then the watch",
            steps: [.scan(0, .unlisted), .ended(5, .unlisted), .restart, .ended(9, .silent), .ended(14, .listed)],
            told: [[], [], [], ["raised high", "cleared high"], []]),
        Case(
            name: "the node is started anew while it waits",
            steps: [.scan(0, .unlisted), .restart, .rebooted(5), .rebooted(10)],
            told: [[], [], ["raised high", "clearedByReboot high"], []]),
        Case(
            name: "an outage", age: 3600, steps: [.scan(0, .listed), .scan(60, .away), .scan(600, .away)],
            told: [["raised info"], [], []]),
        Case(name: "it is old and not listed", age: 100, steps: [.scan(0, .unlisted)], told: [["raised high"]]),
        Case(name: "the API is not asked", steps: [.scan(0, .notAsked)], told: [["raised high"]]),
        Case(
            name: "the clock is set back", steps: [.scan(0, .unlisted), .scan(-1000, .unlisted)],
            told: [[], ["raised high"]]),
    ]

    private static func node(_ api: API, age: UInt64) throws -> Node {
        let account = api == .otherAccount ? "other" : "web"
        let node = try Node.quiet.changingBundle {
            $0.capabilities = TaskCredentials.root.permitted
            ($0.hasSeccomp, $0.maskedPaths, $0.allowsAllDevices) = (false, [], true)
        }.declaring(
            container: api == .notPrivileged ? "" : #""securityContext": {"privileged": true}"#,
            spec: "\"serviceAccountName\": \"\(account)\"")
        return node.changing {
            $0.host.ticksSinceBoot = 5100 + age * 100
            switch api {
            case .notAsked: $0.apiPods = nil
            case .silent: $0.apiPods = APIPods(failure: "the first list is not there yet")
            case .unlisted: $0.apiPods?.pods[0].status = nil
            case .away: $0.apiPods?.failure = "connection refused"
            case .listed, .otherAccount, .notPrivileged: break
            }
        }
    }

    private static func list() throws -> AllowList {
        let pods = AllowList.PodPattern(namespace: NamePattern("shop"), serviceAccount: NamePattern("web"))
        let rule = try AllowList.Rule(techniques: [NamePattern("privileged")])
        return AllowList([try AllowList.Entry(name: "e", reason: "r", pods: pods, rules: [rule])])
    }

    @Test(arguments: cases)
    func told(_ example: Case) throws {
        let start: Int64 = 1_700_000_000_000
        let list = try Self.list()
        let check = try #require(Check.named("privileged"))
        var ledger = FindingLedger()
        func take(_ seconds: Double, _ node: Node) -> [String] {
            let time = start + Int64(seconds * 1000)
            let scanned = node.changing {
                $0.takenAt = time
                if $0.apiPods?.failure == nil { $0.apiPods?.asOf = time }
            }
            let judgement = Judgement(of: scanned, by: [check])
            let records = ledger.update(with: judgement.adding(ledger.awaited).allowing(list, at: time), at: time)
            return records.map { "\($0.change) \($0.finding.severity)" }
        }
        let told = try example.steps.map { step in
            switch step {
            case .scan(let seconds, let api):
                return take(seconds, try Self.node(api, age: example.age + UInt64(max(seconds, 0))))
            case .ended(let seconds, let api):
                return take(seconds, try Self.node(api, age: example.age + UInt64(seconds)).withoutFirstContainer)
            case .rebooted(let seconds):
                let node = try Self.node(.silent, age: example.age).withoutFirstContainer
                return take(seconds, node.changing { $0.host.bootID = "another" })
            case .restart:
                ledger = StateDocument(ledger).ledger(.standard, at: start)
                return []
            }
        }
        #expect(told == example.told)
    }

    /// What nobody allows is told at once, and so is what a task does.
    @Test func whatDoesNotWait() throws {
        let node = try Self.node(.silent, age: 1).changingTask { $0.namespaces[.mount] = NamespaceSet.host[.mount] }
        let judgement = Judgement(of: node)
        let action = try #require(judgement.findings.first { $0.technique.findingClass == .action })
        #expect(judgement.awaited[action.id] == nil && !judgement.awaited.isEmpty)
        #expect(judgement.allowing(AllowList(), at: 0).awaited.isEmpty)
        let list = try Self.list()
        let allowed = judgement.allowing(list, at: 0)
        #expect(allowed.awaited.values.map(\.finding.technique.id) == ["privileged"])
        var ledger = FindingLedger()
        let told = ledger.update(with: allowed, at: 0).map(\.finding.technique.id)
        #expect(told.contains(action.technique.id) && !told.contains("privileged"))
    }

    /// The same finding as while the container ran, whatever else the node has lost since.
    @Test func afterTheEnd() throws {
        let running = Judgement(of: try Self.node(.unlisted, age: 1))
        let awaited = try #require(running.awaited.values.first { $0.finding.technique.id == "privileged" })
        let listed = try Self.node(.listed, age: 1)
        let expected = try #require(Judgement(of: listed).findings.first { $0.technique.id == "privileged" })
        let (finding, isAwaited) = awaited.judged(by: listed)
        #expect(finding == expected && !isAwaited)
        let again = awaited.judged(by: try Self.node(.unlisted, age: 1))
        #expect(again.finding == awaited.finding && again.isAwaited)
    }
}

extension Node {
    fileprivate var withoutFirstContainer: Node {
        changing {
            $0.tasks.removeAll { $0.container == 0 }
            for index in $0.tasks.indices where $0.tasks[index].container == 1 { $0.tasks[index].container = 0 }
            $0.containers.removeFirst()
        }
    }
}
