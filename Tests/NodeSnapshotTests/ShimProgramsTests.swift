import NodeModel
import Testing

@testable import NodeSnapshot

@Suite struct ShimProgramsTests {
    static let programs: [(executable: String?, isRuncShim: Bool, isMonitor: Bool)] = [
        ("/usr/bin/containerd-shim-runc-v2", true, true), ("/usr/local/bin/containerd-shim-runc-v1", true, true),
        ("/usr/bin/containerd-shim", true, true), ("containerd-shim", true, true),
        ("/usr/bin/containerd-shim-kata-v2", false, true), ("/usr/bin/docker-containerd-shim", false, true),
        ("/usr/bin/conmon", false, true), ("/usr/bin/containerd-shim-runc-v2 (deleted)", true, true),
        ("/usr/bin/containerd-shim (deleted) (deleted)", false, true),
        ("/usr/bin/containerd-shim(deleted)", false, true),
        (" (deleted)", false, false), ("/usr/bin (deleted)/containerd-shim", true, true),
        // A mark that joins the letter or the separator before it.
        ("/usr/bin/containerd-shim\u{301}", false, true), ("/usr/bin/\u{301}containerd-shim", false, false),
        ("/usr/bin/containerd-shi", false, false), ("/usr/bin/my-conmon", false, false),
        ("/containerd-shim/bash", false, false), ("/", false, false), ("", false, false), (nil, false, false),
    ]

    @Test(arguments: programs)
    func names(executable: String?, isRuncShim: Bool, isMonitor: Bool) {
        let task = NodeTask(
            pid: 2, tid: 2, startTime: 1, comm: "x", namespaces: NamespaceSet([:]), executable: executable)
        #expect(task.isRuncShim == isRuncShim && task.isContainerMonitor == isMonitor, "\(executable ?? "nil")")
    }
}
