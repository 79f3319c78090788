import NodeModel

/// How many files count of one directory, so that none can hide what is in the others, and of one scan.
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

    /// The files within the bound, the essential ones first.
    func keep(_ files: [ChangedFile], _ gaps: inout [Gap]) -> [ChangedFile] {
        var counts: [Substring: Int] = [:]
        var kept = files.filter { EssentialFiles.examined.contains($0.path) }
        for file in files where !EssentialFiles.examined.contains(file.path) {
            counts[file.directory, default: 0] += 1
            if counts[file.directory, default: 0] > directory {
                gaps.add(.nodeFiles, "more than \(directory) \(subject) in a directory", file.path)
            } else if kept.count >= scan {
                gaps.add(.nodeFiles, "more than \(scan) \(subject)", file.path)
            } else {
                kept.append(file)
            }
        }
        return kept
    }
}

extension ChangedFile {
    fileprivate var directory: Substring { path[..<(path.lastIndex(of: "/") ?? path.startIndex)] }
}
