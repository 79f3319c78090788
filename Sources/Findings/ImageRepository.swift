import Checks

/// A repository of images, such as `public.ecr.aws/eks/coredns`: a registry's host and a path, without tag and digest.
///
/// In a pattern `*` stands for any text within one label of the host or one part of the path, and never for more: else
/// `*.dkr.ecr.*.amazonaws.com/x` would be anybody's registry.
package struct ImageRepository: Sendable, Equatable {
    private let host: [String]
    private let path: [String]

    /// Of the name that a pod's specification gives an image; the registry that runtimes use where none is named is
    /// Docker's (github.com/distribution/reference, normalize.go).
    package init?(ofImage name: String) {
        let tagged = name.prefix { $0 != "@" }
        let slash = tagged.lastIndex(of: "/") ?? tagged.startIndex
        let colon = tagged[slash...].firstIndex(of: ":") ?? tagged.endIndex
        let text = tagged[..<colon]
        if let found = ImageRepository(String(text)) {
            self = found
        } else {
            let isOfficial = !text.utf8.contains(UInt8(ascii: "/"))
            self.init((isOfficial ? "docker.io/library/" : "docker.io/") + text)
        }
    }

    /// A repository, or a pattern of some; `nil` where the first part is no registry's host.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, !parts.contains(""), let first = parts.first,
            first == "localhost" || first.contains(".") || first.contains(":")
        else { return nil }
        host = first.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        path = Array(parts.dropFirst())
    }

    /// Whether this pattern stands for a repository.
    package func matches(_ repository: ImageRepository) -> Bool {
        host.count == repository.host.count && path.count == repository.path.count
            && zip(host + path, repository.host + repository.path).allSatisfy { NamePattern($0).matches($1) }
    }
}
