import NodeModel
import TestSupport
import Testing

@testable import ContainerRuntime

/// Containers that were made and not started yet.
@Suite struct NewContainersTests {
    private static let tasks = ContainerdTasksTests.tasks
    private static let record = ContainerdTasksTests.annotations([
        ("container-type", "container"), ("container-name", "job"), ("sandbox-name", "web-0"),
    ])

    @Test func firstProcess() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("\(Self.tasks)/old/init.pid", "1")
            var containers = NewContainers(root: directory.path)
            #expect(containers.directories == ["/\(Self.tasks)"])
            containers.list()
            #expect(containers.take() == [] && !containers.isAwaiting)
            // containerd renames what it removes.
            try directory.file("\(Self.tasks)/.old/init.pid", "1")
            containers.list()
            #expect(containers.take() == [] && !containers.isAwaiting)
            try directory.file("\(Self.tasks)/new/config.json", Self.record)
            containers.list()
            #expect(containers.take() == [] && containers.isAwaiting)
            try directory.file("\(Self.tasks)/new/init.pid", "4100")
            let found = containers.take()
            #expect(found.map(\.id) == ["new"] && found.map(\.initPID) == [4100])
            #expect(found.map(\.name) == ["job"] && found.first?.pod?.name == "web-0")
            #expect(containers.take() == [] && !containers.isAwaiting)
            containers.list()
            #expect(containers.take() == [] && !containers.isAwaiting)
        }
    }

    /// Records of any shape: what is said of them is for each scan.
    @Test(arguments: [("none", ""), ("{", "4100"), ("{}", "x"), ("{}", "-1"), ("{}", "99999999999")])
    func oddRecords(config: String, pid: String) throws {
        try TemporaryDirectory.with { directory in
            var containers = NewContainers(root: directory.path)
            if config != "none" { try directory.file("\(Self.tasks)/new/config.json", config) }
            try directory.file("\(Self.tasks)/new/init.pid", pid)
            containers.list()
            #expect(containers.take().map(\.initPID) == (pid == "4100" ? [4100] : []))
        }
    }

    /// Whoever has the runtime's socket makes one in a namespace of any name.
    @Test func otherNamespace() throws {
        try TemporaryDirectory.with { directory in
            var containers = NewContainers(root: directory.path)
            #expect(containers.directories == [])
            let namespace = "\(ContainerdTasks.directories[2])/foo"
            try directory.file("\(namespace)/new/init.pid", "4100")
            containers.list()
            #expect(containers.directories == ["/\(namespace)"])
            #expect(containers.take().map(\.runtimeNamespace) == ["foo"])
        }
    }

    @Test func thoseThatAreGoneAndThoseTooMany() throws {
        try TemporaryDirectory.with { directory in
            var containers = NewContainers(root: directory.path)
            try directory.directory("\(Self.tasks)/new")
            containers.list()
            #expect(containers.isAwaiting)
            try directory.remove("\(Self.tasks)/new")
            containers.list()
            #expect(!containers.isAwaiting)
            for number in 0..<NewContainers.limit + 10 {
                try directory.file("\(Self.tasks)/\(number)/init.pid", "\(number + 1)")
            }
            containers.list()
            #expect(containers.take().count == NewContainers.limit)
        }
    }
}
