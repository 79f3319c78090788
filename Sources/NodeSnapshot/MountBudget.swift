import NodeModel

/// How much memory the mount tables of one scan may take.
///
/// A pod without any rights can make a user namespace, in it mount namespaces by the dozen, and in each of them 100,000
/// mounts (fs.mount-max): a pod pays for its own, and leaves the others their room.
struct MountBudget {
    /// The lines of a table that there is room for.
    struct Part {
        var text: [UInt8]
        /// Of memory, in bytes.
        var size: Int
        var isCut: Bool
    }

    /// What a mount takes beside its text: its value, the places by which it is found, what its strings have around them.
    static let mountSize = 256
    private let podLimit: Int
    private var left: Int
    private var used: [String: Int] = [:]

    /// - Parameters:
    ///   - limit: some 200,000 mounts; a node with hundreds of pods and a few dozen services has a fourth of that.
    ///   - podLimit: some 20,000; a container that sees all of the node's mounts has a few thousand.
    init(limit: Int = 64 << 20, podLimit: Int = 8 << 20) {
        left = limit
        self.podLimit = podLimit
    }

    func hasRoom(for payer: String?) -> Bool { room(for: payer) > Self.mountSize }

    /// The node's own tables have what is left.
    private func room(for payer: String?) -> Int {
        min(left, payer.map { podLimit - used[$0, default: 0] } ?? left)
    }

    /// What fits of a table, from its first line on: of what was there at the container's start it is the last to lose any.
    func part(of text: [UInt8], for payer: String?) -> Part {
        let room = room(for: payer)
        var part = Part(text: text, size: 0, isCut: false)
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? text.count
            let size = end - start + Self.mountSize
            if part.size + size > room { return Part(text: Array(text[..<start]), size: part.size, isCut: true) }
            part.size += size
            start = end
        }
        return part
    }

    /// Counts what is kept.
    mutating func take(_ size: Int, for payer: String?) {
        left -= size
        if let payer { used[payer, default: 0] += size }
    }
}

extension CgroupPlacement.Owner {
    /// Whose share of what is bounded a task's is: its pod's, or its container's where that is in none; `nil` for the
    /// node's own.
    var payer: String? {
        switch self {
        case .container(let place): place.podUID ?? place.containerID
        case .pod(let uid): uid
        case .host, .unknown: nil
        }
    }
}
