/// A version of the Pod Security Standards: they are numbered as Kubernetes is, and the major version is 1.
package enum PodSecurityVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    case minor(Int)
    /// Newer than any number.
    case latest

    /// Reads `latest`, `v1.29` or `1.29`; anything else gives `nil`, and so does a number with zeros before it.
    package init?(_ text: String) {
        if text == "latest" {
            self = .latest
            return
        }
        let version = text.hasPrefix("v") ? text.dropFirst() : text[...]
        guard version.hasPrefix("1."), let minor = Int(version.dropFirst(2)), version == "1.\(minor)", minor >= 0
        else { return nil }
        self = .minor(minor)
    }

    /// As the labels of a namespace have it, such as `v1.29`.
    package var description: String {
        switch self {
        case .minor(let minor): "v1.\(minor)"
        case .latest: "latest"
        }
    }
}
