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
}
