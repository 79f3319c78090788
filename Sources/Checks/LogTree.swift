import NodeModel

extension Check {
    /// A link in the log tree that leads out of it: `kubectl logs` lets the kubelet, as root, follow it.
    ///
    /// Reads the link's text alone; nothing is followed or opened. Links to docker's own logs are no oddity. Those of
    /// /var/log/containers, by which log collectors find the tree, count as part of it.
    static let logLinkOutside = logTree(
        id: "log-link-outside", title: "Left a link out of the log tree", weight: .runnableResidue,
        attack: ["T1611", "T1005", "T1552.001"], messageID: "a2a2ab906850fdfe627183f020b4949b",
        reason: "a symbolic link in the log tree leads out of it",
        meaning: """
            The kubelet follows it as root when somebody asks for the container's logs, and log collectors follow those \
            in /var/log/containers: so any file of the node is read. A pod needs a writable hostPath over /var/log to \
            plant it.
            """,
        remedy: "Remove the link without opening it, and find the pods that mount /var/log writable."
    ) { kind in
        guard case .link(let target) = kind else { return nil }
        return ("leads to \(target)", ["target": .text(target)])
    }

    /// A log file with a second name elsewhere.
    static let logHardLink = logTree(
        id: "log-hard-link", title: "Left a hard link in the log tree", weight: .inertResidue, attack: ["T1005"],
        messageID: "e628154506845153e39f1aed3c0b6ca6", reason: "a file in the log tree has more than one name",
        meaning: "The file may be another file of the node under a log's name, which log readers then read as root.",
        remedy: "Find its other names (`find -xdev -samefile`) and remove the one in the log tree."
    ) { kind in
        guard case .hardLink(let count) = kind else { return nil }
        return ("has \(count) names", ["links": .number(Int64(count))])
    }

    /// A FIFO, socket or device among the logs.
    static let logNotRegular = logTree(
        id: "log-not-regular", title: "Left a FIFO, socket or device in the log tree", weight: .inertResidue,
        attack: ["T1499"], messageID: "d3324e4b84cd9c51e3f41e9740393bd1",
        reason: "something in the log tree is neither file nor directory",
        meaning: "A log reader that opens it hangs or acts on a device.",
        remedy: "Remove it without opening it."
    ) { kind in
        guard case .notRegular(let type) = kind else { return nil }
        let name = ["character", "block"].contains(type) ? "\(type) device" : type
        return ("is a \(name)", ["type": .text(type)])
    }

    /// A file or directory of the log tree that root does not own.
    static let logForeignOwner = logTree(
        id: "log-foreign-owner", title: "Left a file of another owner in the log tree", weight: .inertResidue,
        attack: ["T1070"], messageID: "330b1f328350b69f364579c2b08a8240",
        reason: "something in the log tree is not root's",
        meaning: "The kubelet and the runtime make everything there as root; somebody else wrote it or took it over.",
        remedy: "Find the pods that mount /var/log writable."
    ) { kind in
        guard case .foreignOwner(let uid) = kind else { return nil }
        return ("belongs to uid \(uid)", ["uid": .number(Int64(uid))])
    }

    /// A directory or file that no kubelet makes, or something mounted over the tree.
    static let logUnknownEntry = logTree(
        id: "log-unknown-entry", title: "Left an unknown entry in the log tree", weight: .inertResidue,
        attack: ["T1564"], messageID: "d300dd6423f0486c6835b5e345ae8767",
        reason: "an entry of the log tree is none that a kubelet makes",
        meaning: "Somebody else writes to the log tree, or mounted something over a part of it.",
        remedy: "Find out who made it; pods should not mount /var/log writable."
    ) { kind in
        switch kind {
        case .unrecognisedDirectory: ("is no name of a pod's directory", [:])
        case .fileForDirectory: ("is no directory, where one belongs", [:])
        case .directoryForFile: ("is a directory where a log file belongs, and was not entered", [:])
        case .mountPoint: ("is a mount point and was not entered", [:])
        default: nil
        }
    }

    private static func logTree(
        id: String, title: String, weight: Weight, attack: [String], messageID: String, reason: String,
        meaning: String, remedy: String,
        _ describe: @escaping @Sendable (PodLogOddity.Kind) -> (String, [String: EvidenceValue])?
    ) -> Check {
        Check(
            Technique(
                id: id, title: title, class: .residue, weight: weight, attack: attack, messageID: messageID,
                reason: reason, meaning: meaning, remedy: remedy),
            reads: [.podLogs]
        ) { index in
            index.node.podLogOddities.compactMap { oddity in
                guard let (text, values) = describe(oddity.kind) else { return nil }
                return Evidence(
                    pod: oddity.pod, declaration: .undeclared, key: oddity.path, detail: "\(oddity.path) \(text)",
                    values: values.merging(["path": .text(oddity.path)]) { first, _ in first })
            }
        }
    }
}
