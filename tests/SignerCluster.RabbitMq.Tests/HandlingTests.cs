using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Conformance;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>How old a request may be when its turn comes, by a clock that only the test moves.</summary>
public sealed class HandlingTests : IAsyncDisposable
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(1);
    private readonly ManualTime _time = new();
    private readonly Gate _release = new("release");
    private readonly List<byte> _handled = [];
    private readonly Busy _busy = new();
    private readonly Handling _handling;

    public HandlingTests()
    {
        RabbitMqSettings settings = new()
        {
            Host = "localhost",
            User = "alice",
            Password = new BrokerPassword("unused"u8),
            Party = "alice",
            Node = "alice-1",
            MaximumHandling = 1,
        };
        IEngine local = Hosts.Engine(async (_, request) =>
        {
            _handled.Add(request.Span[0]);
            await _release.WaitAsync();
            return request;
        });
        _handling = new Handling(settings, local, _busy, _time, static _ => new(true), NullLogger<Handling>.Instance);
    }

    [Fact]
    public async Task What_waited_for_its_turn_longer_than_its_lifetime_is_not_handled()
    {
        await TakeAsync(Arriving(1));
        Delivery old = Arriving(2, 3);
        _time.Advance(TimeSpan.FromTicks(1));
        Delivery young = Arriving(4);
        Task second = TakeAsync(old);
        _time.Advance(_lifetime - TimeSpan.FromTicks(1));
        _release.Open();
        await second;
        await TakeAsync(young);
        Assert.Equal([1, 4], _handled);
    }

    [Fact]
    public async Task The_wait_counts_from_the_arrival_and_not_from_the_turn()
    {
        Delivery first = Arriving(1);
        _time.Advance(_lifetime);
        await TakeAsync(first);
        Assert.Empty(_handled);
    }

    public async ValueTask DisposeAsync()
    {
        _release.Open();
        _busy.Exit();
        await _busy.DrainAsync(CancellationToken.None);
        _handling.Dispose();
    }

    private Task TakeAsync(Delivery delivery) => _handling.TakeAsync(delivery, CancellationToken.None).AsTask();

    private Delivery Arriving(params byte[] requests)
    {
        Parcel parcel = new();
        foreach (byte request in requests)
            Assert.True(parcel.TryAdd(new Letter(LetterKind.Ask, request, "echo/alice/one", (byte[])[request])));
        return new Delivery(
            "requests",
            Parcel.Type,
            "coordinator-1",
            _lifetime.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
            parcel.ToBytes(),
            _time.GetTimestamp());
    }
}
