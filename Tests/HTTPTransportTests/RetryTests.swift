import HTTPTransport
import Testing

@Suite struct RetryTests {
    @Test func delays() {
        let retry = Retry(first: 1, longest: 60, wait: { _ in }, random: { 0 })
        #expect([0, 1, 2, 6, 7, 1000, -5].map { retry.delay($0, serverAsks: nil) } == [0.5, 1, 2, 30, 30, 30, 0.5])
        #expect(retry.delay(0, serverAsks: 7) == 7 && retry.delay(0, serverAsks: 7000) == 600)
    }
}
