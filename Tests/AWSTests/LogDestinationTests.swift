import Testing

@testable import AWS

@Suite struct LogDestinationTests {
    typealias Invalid = LogDestination.Invalid

    static let long = String(repeating: "s", count: 512)
    static let names: [(region: String, group: String, stream: String, endpoint: String?, error: Invalid?)] = [
        ("eu-central-1", "/breakoutd/findings", "i-0123456789abcdef0", nil, nil),
        ("eu-central-1", long, long, nil, nil),
        ("", "g", "s", nil, .region), ("eu/1", "g", "s", nil, .region),
        ("r", "", "s", nil, .group), ("r", "a b", "s", nil, .group), ("r", "aws/x", "s", nil, .group),
        ("r", long + "g", "s", nil, .group), ("r", "grö", "s", nil, .group),
        ("r", "g", "", nil, .stream), ("r", "g", "a:b", nil, .stream), ("r", "g", "a*", nil, .stream),
        ("r", "g", "a\nb", nil, .stream), ("r", "g", long + "s", nil, .stream), ("r", "g", "ü /", nil, nil),
        ("r", "g", "s", "ftp://host", .endpoint), ("r", "g", "s", "https://", .endpoint),
        ("r", "g", "s", "https://user@host", .endpoint), ("r", "g", "s", "https://host/path", .endpoint),
        ("r", "g", "s", "https://host?x", .endpoint), ("r", "g", "s", "http://[::1]:80/", nil),
    ]

    @Test(arguments: names)
    func name(region: String, group: String, stream: String, endpoint: String?, error: Invalid?) throws {
        let make = { try LogDestination(region: region, group: group, stream: stream, endpoint: endpoint) }
        if let error { #expect(throws: error) { try make() } } else { _ = try make() }
    }

    static let addresses: [(region: String, domain: String?, endpoint: String?, address: String, host: String)] = [
        ("us-east-1", nil, nil, "https://logs.us-east-1.amazonaws.com", "logs.us-east-1.amazonaws.com"),
        ("cn-north-1", nil, nil, "https://logs.cn-north-1.amazonaws.com.cn", "logs.cn-north-1.amazonaws.com.cn"),
        ("us-iso-east-1", "c2s.ic.gov", nil, "https://logs.us-iso-east-1.c2s.ic.gov", "logs.us-iso-east-1.c2s.ic.gov"),
        ("r", nil, "http://127.0.0.1:5000/", "http://127.0.0.1:5000", "127.0.0.1:5000"),
    ]

    @Test(arguments: addresses)
    func address(region: String, domain: String?, endpoint: String?, address: String, host: String) throws {
        let destination = try LogDestination(
            region: region, group: "g", stream: "s", domain: domain, endpoint: endpoint)
        #expect(destination.endpoint == address)
        #expect(destination.host == host)
    }
}
