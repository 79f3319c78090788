import LinuxSystem

/// Whom a client trusts and as whom it presents itself.
///
/// The server's certificate and name are always verified, with TLS 1.2 or later.
package struct TLSConfiguration: Sendable, Equatable {
    /// PEM data.
    package enum Source: Sendable, Equatable, CustomStringConvertible {
        case file(String)
        case bytes([UInt8])

        package var description: String {
            switch self {
            case .file(let path): path
            case .bytes(let bytes): "\(bytes.count) bytes"
            }
        }
    }

    /// A client certificate, with those that lead to its authority, and its key.
    package struct Identity: Sendable, Equatable {
        package var certificate: Source
        package var key: Source

        package init(certificate: Source, key: Source) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// The only authorities to trust; `nil` for those of the system.
    package var authorities: Source?
    package var identity: Identity?

    package init(authorities: Source? = nil, identity: Identity? = nil) {
        self.authorities = authorities
        self.identity = identity
    }
}

/// TLS data as files: libcurl takes bytes only from 7.71 on.
///
/// It lives as long as its client, because libcurl tells kept connections and authorities apart by file name alone.
final class TLSFile {
    let path: String
    private let memory: SealedMemory?

    init(_ source: TLSConfiguration.Source) throws(HTTPError) {
        switch source {
        case .file(let path):
            self.path = path
            memory = nil
        case .bytes(let bytes):
            do throws(SystemError) {
                let memory = try SealedMemory(bytes)
                path = memory.path
                self.memory = consume memory
            } catch {
                throw .system(error)
            }
        }
    }
}
