import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct RootMovedToHostTests {
    static let places: [(place: FilePlace, isTold: Bool)] = [
        (Deeds.place("/"), true),
        (Deeds.place("/srv"), false),
        (Deeds.place("/var/lib/containerd/x/rootfs"), false),
        (Deeds.place(nil), false),
        // Its own.
        (Deeds.place("/", DeviceNumber(major: 0, minor: 311)), false),
        (Deeds.place("/", DeviceNumber(major: 0, minor: 25)), false),
    ]

    @Test(arguments: places)
    func judged(place: FilePlace, isTold: Bool) {
        let deed = TaskAct.Deed.called(.root(place))
        let found = Check.rootMovedToHost.evidence(of: deed)
        #expect(found?.detail == (isTold ? "pid 4100 (web) made the node's / its root directory" : nil))
        #expect(NodeIndex(.quiet).isOfConcern(deed) == isTold)
        #expect(Check.rootMovedToHost.evidence(of: deed, container: nil) == nil)
    }

    /// The pod's volumes, and what they make of an act by a container that has the node's `/` mounted.
    static let volumes: [(path: String?, isDeclared: Bool, declaration: Declaration)] = [
        ("/", true, .declared), ("//", true, .declared), ("/etc", true, .undeclared), (nil, true, .undeclared),
        // Mounted by nobody's record.
        ("/", false, .undeclared),
    ]

    @Test(arguments: volumes)
    func declared(path: String?, isDeclared: Bool, declaration: Declaration) throws {
        let node = try HostPathMountsTests.mounting("/", isDeclared: isDeclared).declaring(
            container: #""volumeMounts": [{"name": "v", "mountPath": "/host"}]"#,
            spec: path.map { #""volumes": [{"name": "v", "hostPath": {"path": "\#($0)"}}]"# } ?? "")
        let check = Check.rootMovedToHost
        let evidence = try #require(check.evidence(of: .called(.root(Deeds.place("/"))), in: node))
        #expect(evidence.detail == "pid 4100 (web) made the node's / its root directory, which it has at /host")
        #expect(evidence.values["mountPoint"] == .text("/host") && evidence.key == "")
        #expect(evidence.declaration == (isDeclared ? .declaredByRuntime : .undeclared))
        #expect(check.declaration(of: evidence, in: NodeIndex(node)) == declaration)
    }

    /// Without a mount of its own it came there by another way, whatever the pod asks for.
    @Test func byAnotherWay() throws {
        let node = try Node.quiet.declaring(
            container: #""volumeMounts": [{"name": "v", "mountPath": "/host"}]"#,
            spec: #""volumes": [{"name": "v", "hostPath": {"path": "/"}}]"#)
        let evidence = try #require(Check.rootMovedToHost.evidence(of: .called(.root(Deeds.place("/"))), in: node))
        #expect(evidence.declaration == .undeclared && evidence.values["mountPoint"] == nil)
    }
}
