import HTTPTransport
import TestSupport
import Testing

@testable import AWS

@Suite(.enabled(if: StandIn.isAvailable, "needs python3 and openssl"))
struct ContainerCredentialsTests {
    typealias Source = ContainerCredentials

    private func credentials(
        _ server: MetadataServer, _ environment: [String: String] = [:]
    ) throws -> AWSCredentials? {
        let environment = environment.merging([Source.fullVariable: "\(server.endpoint)/container"]) { $1 }
        return try Source(service: LocalService(client: HTTPClient()) { _ in }, environment: environment).credentials()
    }

    static let full: [(url: String, isAllowed: Bool)] = [
        ("https://anywhere.example/c", true), ("http://127.0.0.1/c", true), ("http://127.9.9.9:8080/c", true),
        ("http://localhost:80", true), ("http://LOCALHOST/c?d", true), ("http://[::1]:80/c", true),
        ("http://169.254.170.2/c", true), ("http://169.254.170.23/v1/credentials", true),
        ("http://[fd00:ec2::23]/v1/credentials", true), ("http://169.254.169.254/c", false),
        ("http://anywhere.example/c", false), ("http://127.0.0.1.example/c", false), ("http://127.0.0/c", false),
        ("http://127.0.0.256/c", false), ("http://127.0.0.+1/c", false), ("http://localhost@evil.example/c", false),
        ("http://localhost:80@evil.example/c", false), ("http://evil.example#localhost", false),
        ("http://[::2]/c", false), ("http://", false), ("ftp://localhost/c", false), ("localhost", false),
    ]

    @Test(arguments: full)
    func fullAddress(url: String, isAllowed: Bool) throws {
        let environment = [Source.fullVariable: url]
        if isAllowed {
            #expect(try Source.url(environment) == url)
        } else {
            #expect(throws: AWSError.invalidVariable(Source.fullVariable)) { try Source.url(environment) }
        }
    }

    static let relative: [(environment: [String: String], url: String?)] = [
        ([Source.relativeVariable: "/v2/credentials/id?a=b"], "http://169.254.170.2/v2/credentials/id?a=b"),
        ([Source.relativeVariable: "/a", Source.fullVariable: "http://localhost/b"], "http://169.254.170.2/a"),
        ([Source.relativeVariable: "", Source.fullVariable: "http://localhost/b"], "http://localhost/b"),
        ([Source.relativeVariable: ""], nil), ([:], nil),
    ]

    @Test(arguments: relative)
    func relativeAddress(environment: [String: String], url: String?) throws {
        #expect(try Source.url(environment) == url)
    }

    @Test func aRelativeAddressCannotNameAHost() {
        #expect(throws: AWSError.invalidVariable(Source.relativeVariable)) {
            try Source.url([Source.relativeVariable: "@evil.example/"])
        }
    }

    @Test func authorization() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("token", "from-file")
            let server = try MetadataServer()
            let variable = [Source.tokenVariable: "from-variable"]
            let file = [Source.tokenFileVariable: "\(directory.path)/token"]
            #expect(try credentials(server, variable)?.accessKeyID == "ASIA1")
            #expect(try credentials(server, variable.merging(file) { $1 })?.accessKeyID == "ASIA2")
            #expect(
                try server.requests() == [
                    "GET container", "Authorization from-variable", "GET container", "Authorization from-file",
                ])
        }
    }

    @Test func unusableAuthorization() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("token", "two\r\nlines")
            let server = try MetadataServer()
            let injected = [Source.tokenFileVariable: "\(directory.path)/token"]
            let error = AWSError.transport(.malformedHeader(name: "Authorization"), of: "container credentials")
            #expect(throws: error) { try credentials(server, injected) }
            #expect(!"\(error)".contains("two"))
            let missing = [Source.tokenFileVariable: "\(directory.path)/missing"]
            #expect(throws: AWSError.self) { try credentials(server, missing) }
            #expect(try server.requests() == [])
        }
    }

    @Test func repeatsAreBounded() throws {
        let server = try MetadataServer("down")
        #expect(throws: AWSError.status(503, of: "container credentials")) { try credentials(server) }
        #expect(try server.requests().count == 4)
    }
}
