import NodeModel

/// How many files count of one watched directory, with what is below it, and of one scan; of that each directory has its
/// share, so that none can hide what is in the others.
///
/// More are a gap; essential files always count.
struct FileBound {
    let directory: Int
    let scan: Int
    /// What the files are, in a few words.
    let subject: String

    /// Those that seem to have been changed, before their contents are read and packages are asked of them.
    ///
    /// `KnownFiles` has room for all of them.
    static let seeming = FileBound(directory: 4000, scan: 8000, subject: "files that seem changed")
    /// Those that are told of.
    static let told = FileBound(directory: 100, scan: 1000, subject: "changed files")

    /// The files within the bound, the essential ones first, then the first of each directory, the second of each, and so on.
    ///
    /// - Parameter directories: the watched ones; how many are below them is up to whoever may write there.
    func keep(_ files: [ChangedFile], in directories: Set<Substring>, _ gaps: inout [Gap]) -> [ChangedFile] {
        let essential = files.filter { EssentialFiles.examined.contains($0.path) }
        var counts: [Substring: Int] = [:]
        var others: [(turn: Int, file: ChangedFile)] = []
        for file in files where !EssentialFiles.examined.contains(file.path) {
            let place = Self.directory(of: file.path, among: directories)
            let turn = counts[place, default: 0]
            counts[place] = turn + 1
            if turn < directory {
                others.append((turn, file))
            } else {
                gaps.add(.nodeFiles, "more than \(directory) \(subject) in a directory", file.path)
            }
        }
        others.sort { ($0.turn, $0.file.path) < ($1.turn, $1.file.path) }
        let room = max(0, scan - essential.count)
        for (_, file) in others.dropFirst(room) { gaps.add(.nodeFiles, "more than \(scan) \(subject)", file.path) }
        return essential + others.prefix(room).map(\.file)
    }

    /// The nearest of some directories above a path.
    private static func directory(of path: String, among directories: Set<Substring>) -> Substring {
        var place = path[...]
        while let slash = place.lastIndex(of: "/") {
            place = place[..<slash]
            if directories.contains(place) { break }
        }
        return place
    }
}
