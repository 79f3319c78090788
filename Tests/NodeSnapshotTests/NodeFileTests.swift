import Foundation
import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct NodeFileTests {
    private func decode(_ text: String) throws -> Node { try NodeFile.decode(Array(text.utf8), path: "node.json") }

    /// The quiet node with everything that its file may hold.
    static let full = Node.quiet.changing { node in
        node.gaps = [Gap(kind: .referenceDisagreement, reason: "r", count: 3, examples: ["\u{1B}[2J \\ \" /"])]
        node.podLogOddities = [
            PodLogOddity(path: "/x", pod: QuietIDs.pod, kind: .link(target: "/etc/shadow")),
            PodLogOddity(path: "/x", kind: .hardLink(count: 2)),
            PodLogOddity(path: "/x", kind: .notRegular(type: "fifo")),
            PodLogOddity(path: "/x", kind: .foreignOwner(uid: .max)),
            PodLogOddity(path: "/x", kind: .mountPoint), PodLogOddity(path: "/x", kind: .unrecognisedDirectory),
        ]
        node.cgroups.append(CgroupPlacement(memberships: [], owner: .pod(uid: "u")))
        node.cgroups.append(CgroupPlacement(memberships: [], owner: .unknown))
        node.userNamespaces.append(UserNamespace(id: NamespaceID(rawValue: 1), uidMap: nil))
        node.tasks[3].startTime = .max
        node.tasks[3].credentials?.bounding = CapabilitySet(rawValue: .max)
        node.containers[0].isCreated = true
        node.containers[0].outerContainerIDs = ["x"]
        node.endedWhileRead = 7
    }

    @Test(arguments: [Node.quiet, full, Node()])
    func roundTrip(node: Node) throws {
        let bytes = try NodeFile.encode(node)
        let decoded = try NodeFile.decode(bytes, path: "node.json")
        #expect(decoded == node)
        #expect(try NodeFile.encode(decoded) == bytes)
        #expect(bytes.last == UInt8(ascii: "\n"))
    }

    @Test func saveAndLoad() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/node.json"
            try NodeFile.save(Self.full, to: path)
            #expect(try NodeFile.load(path) == Self.full)
            #expect(throws: NodeFile.Failure.file(path: "/absent/node.json", reason: "No such file or directory")) {
                try NodeFile.save(.quiet, to: "/absent/node.json")
            }
        }
    }

    @Test func filesThatAreNone() throws {
        try TemporaryDirectory.with { directory in
            try directory.sparseFile("large", size: NodeFile.limit + 1)
            let cases: [(path: String, text: String)] = [
                ("absent", "No such file or directory"), (".", "Is a directory"),
                ("large", "is longer than 268435456 bytes"),
            ]
            for (name, text) in cases {
                let path = "\(directory.path)/\(name)"
                let error = #expect(throws: NodeFile.Failure.self) { try NodeFile.load(path) }
                #expect(error?.description == "\(path): \(text)")
            }
        }
    }

    static let texts: [(text: String, error: String)] = [
        ("", "node.json: The given data was not valid JSON."),
        ("{", "node.json: The given data was not valid JSON."),
        ("\u{0}", "node.json: The given data was not valid JSON."),
        ("not JSON", "node.json: The given data was not valid JSON."),
        ("[]", "node.json: Expected to decode Dictionary<String, Any> but found an array instead."),
        ("null", "node.json: Cannot get keyed decoding container -- found null value instead"),
        ("{}", "node.json: schema is missing"),
        (#"{"schema": 1}"#, "node.json: schema: Expected to decode String but found number instead."),
        (#"{"schema": "breakoutd-node/2"}"#, "node.json: schema breakoutd-node/2 is not breakoutd-node/1"),
        (#"{"schema": ""}"#, "node.json: schema  is not breakoutd-node/1"),
        (#"{"schema": "breakoutd-node/1"}"#, "node.json: host is missing"),
    ]

    @Test(arguments: texts)
    func errorText(text: String, error: String) {
        let thrown = #expect(throws: NodeFile.Failure.self) { try decode(text) }
        #expect(thrown?.description == error)
    }

    static let edits: [(old: String, new: String, error: String)] = [
        (#""container":0"#, #""container":2"#, "node.json: tasks[3].container: there is no container 2"),
        (#""container":0"#, #""container":-1"#, "node.json: tasks[3].container: there is no container -1"),
        (#""cgroup":2,"#, #""cgroup":3,"#, "node.json: tasks[3].cgroup: there is no cgroup 3"),
        (#""cgroup":2,"#, #""cgroup":-9,"#, "node.json: tasks[3].cgroup: there is no cgroup -9"),
        (
            #""pid":4100,"#, #""pid":"x","#,
            "node.json: tasks[3].pid: Expected to decode Int32 but found a string instead."
        ),
        (
            #""attribution":"cgroup""#, #""attribution":"guess""#,
            "node.json: tasks[2].attribution: Cannot initialize Attribution from invalid String value guess"
        ),
        (#""takenAt":1700000000000"#, #""takenAt":null"#, "node.json: takenAt: "),
        (#""pid":4100,"#, #""pid":99999999999,"#, "node.json: "),
    ]

    @Test(arguments: edits)
    func editedFile(old: String, new: String, error: String) throws {
        let text = String(decoding: try NodeFile.encode(.quiet), as: UTF8.self)
        let range = try #require(text.firstRange(of: old))
        let thrown = #expect(throws: NodeFile.Failure.self) {
            try decode(text.replacingCharacters(in: range, with: new))
        }
        let description = thrown?.description ?? ""
        if error.hasSuffix(" ") { #expect(description.hasPrefix(error)) } else { #expect(description == error) }
        #expect(!description.contains("\n"))
    }

    @Test func cutOffAnywhere() throws {
        let bytes = try NodeFile.encode(.quiet)
        for count in stride(from: 0, to: bytes.count - 1, by: 997) {
            #expect(throws: NodeFile.Failure.malformed(path: "x", reason: "The given data was not valid JSON.")) {
                try NodeFile.decode(Array(bytes.prefix(count)), path: "x")
            }
        }
    }

    /// An unknown member is of a newer writer with the same schema.
    @Test func unknownMembers() throws {
        let text = String(decoding: try NodeFile.encode(.quiet), as: UTF8.self)
        #expect(try decode("{\"newer\": [1]," + text.dropFirst()) == .quiet)
    }
}
