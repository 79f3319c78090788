package import NodeModel

/// The distinct contents of cgroup files: a node has one for each container and service, not for each task.
package struct CgroupTable: Sendable {
    package private(set) var placements: [CgroupPlacement] = []
    private let reader: ReaderCgroup
    private var contents: [[UInt8]] = []
    private var byHash: [Int: [Int]] = [:]
    private var adopted: [[CgroupMembership]: Int] = [:]
    private var last = -1

    init(reader: ReaderCgroup) { self.reader = reader }

    /// The index of a placement that was parsed elsewhere.
    mutating func adopt(_ placement: CgroupPlacement) -> Int {
        if let known = adopted[placement.memberships] { return known }
        placements.append(placement)
        // No file of this reader has been compared with it: an empty content equals none.
        contents.append([])
        adopted[placement.memberships] = placements.count - 1
        return placements.count - 1
    }

    /// The index of a file's content, parsed when it is new.
    mutating func index(of bytes: UnsafeRawBufferPointer) throws(ProcFSError) -> Int {
        // Tasks of one process follow each other and nearly always share the content.
        if last >= 0, contents[last].hasBytes(of: bytes) { return last }
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        let hash = hasher.finalize()
        if let found = byHash[hash]?.first(where: { contents[$0].hasBytes(of: bytes) }) {
            last = found
            return found
        }
        placements.append(CgroupPlacement(try CgroupFile.parse(bytes), reader: reader))
        contents.append(Array(bytes))
        last = contents.count - 1
        byHash[hash, default: []].append(last)
        return last
    }
}
