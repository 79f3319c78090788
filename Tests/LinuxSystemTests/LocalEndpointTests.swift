import LinuxSystem
import Testing

@Suite struct LocalEndpointTests {
    static let addresses: [(text: String, isUsable: Bool)] = [
        ("tcp://127.0.0.1:25888", true), ("tcp://127.9.9.9:1", true), ("tcp://[::1]:25888", true),
        ("tcp://localhost:25888", true), ("unix:///run/agent.sock", true),
        ("", false), ("tcp://", false), ("tcp://127.0.0.1", false), ("tcp://127.0.0.1:0", false),
        ("tcp://127.0.0.1:65536", false), ("tcp://127.0.0.1:-1", false), ("tcp://10.0.0.1:25888", false),
        ("tcp://0.0.0.0:25888", false), ("tcp://[::]:1", false), ("tcp://::1:1", false), ("tcp://[127.0.0.1]:1", false),
        ("tcp://agent:1", false), ("tcp://127.0.0.1:+1", false), ("tcp://[]:1", false), ("tcp://:1", false),
        ("udp://127.0.0.1:25888", false), ("unix://run/x", false), ("unix:///", true),
        ("unix:///" + String(repeating: "x", count: 107), false), ("unix:///a\u{0}b", false),
    ]

    @Test(arguments: addresses)
    func address(text: String, isUsable: Bool) {
        #expect((LocalEndpoint(text) != nil) == isUsable)
    }

    @Test func ofAPort() { #expect(LocalEndpoint(port: 25888) == LocalEndpoint("tcp://127.0.0.1:25888")) }
}
