import Glibc

extension Descriptor {
    /// Links in one path, as many as the kernel follows (MAXSYMLINKS, include/linux/namei.h).
    private static let linkLimit = 40

    /// Where a path below this directory leads at the end of its links: an absolute path with this directory as its
    /// root, which an absolute link does not leave either.
    ///
    /// Each link is read and none followed, and nothing is opened. Errors are EREMOTE for a place that `mayLookAt`
    /// refuses, such as a share that may hang, ENOTDIR for a link that `mayFollow` refuses, as if it were opened with
    /// O_NOFOLLOW, and ENOLINK for one that leads to nothing.
    package func resolve(
        _ path: String, mayLookAt: (String) -> Bool = { _ in true }, mayFollow: (FileStatus) -> Bool = { _ in true }
    ) throws(SystemError) -> String {
        var rest = Array(Self.components(path).reversed())
        var way: [String] = []
        var links = 0
        while let name = rest.popLast() {
            if name == "." { continue }
            if name == ".." {
                _ = way.popLast()
                continue
            }
            way.append(name)
            let place = way.joined(separator: "/")
            guard mayLookAt("/" + place) else { throw SystemError(errorNumber: EREMOTE, call: "readlink", path: place) }
            let status: FileStatus
            do throws(SystemError) {
                status = try self.status(of: place)
            } catch {
                guard links > 0, error.isGone else { throw error }
                throw SystemError(errorNumber: ENOLINK, call: "readlink", path: place)
            }
            guard status.kind == .link else { continue }
            links += 1
            guard links <= Self.linkLimit else { throw SystemError(errorNumber: ELOOP, call: "readlink", path: place) }
            guard mayFollow(status) else { throw SystemError(errorNumber: ENOTDIR, call: "readlink", path: place) }
            guard let target = String(validating: try linkTarget(of: place), as: UTF8.self) else {
                throw SystemError(errorNumber: EILSEQ, call: "readlink", path: place)
            }
            way.removeLast()
            if target.utf8.first == UInt8(ascii: "/") { way = [] }
            rest += Self.components(target).reversed()
        }
        return "/" + way.joined(separator: "/")
    }

    private static func components(_ path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    }
}
