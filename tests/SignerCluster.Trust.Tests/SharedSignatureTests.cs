using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using SignerCluster.Conformance;
using SignerCluster.Secp256k1;
using static SignerCluster.Trust.Tests.MessageVectors;

namespace SignerCluster.Trust.Tests;

/// <summary>One signature for several messages, held to vectors that another implementation made, and who makes it.</summary>
public sealed class SharedSignatureTests
{
    private static readonly MessageVectors _vectors = new("message-shared-v1.json");

    public static TheoryData<string> Together => _vectors.Names("together", 3);

    public static TheoryData<string> Rejected => _vectors.Names("rejected", 12);

    [Theory]
    [MemberData(nameof(Together))]
    public void Messages_are_signed_together_byte_for_byte_and_each_is_opened_alone(string name)
    {
        JsonElement vector = _vectors.Vector("together", name);
        JsonElement[] messages = [.. vector.GetProperty("messages").EnumerateArray()];
        using IdentityKey identity = _vectors.IdentityOf(Text(vector, "sender"));
        Bytes32[] digests = [.. messages.Select(static message => PartyMessage.Digest(Bytes(message, "fields")))];
        SharedSignature signature = SharedSignature.Sign(digests, identity, Bytes(vector, "auxiliary"));
        foreach (JsonElement message in messages)
        {
            byte[] bytes = [.. Bytes(message, "fields"), .. signature.Bytes];
            Assert.Equal(Text(message, "bytes"), Convert.ToHexStringLower(bytes));
            Assert.True(Opens(bytes, Text(message, "recipient"), new KnownSignatures(), out _));
        }
    }

    [Theory]
    [MemberData(nameof(Rejected))]
    public void What_was_not_signed_together_is_refused_for_its_reason_whatever_was_verified_before(string name)
    {
        JsonElement vector = _vectors.Vector("rejected", name);
        KnownSignatures known = new();
        Assert.Equal(Text(vector, "reason"), Reason());
        foreach (JsonElement message in _vectors.List("together").SelectMany(static together => together.GetProperty("messages").EnumerateArray()))
        {
            Assert.True(Opens(Bytes(message, "bytes"), Text(message, "recipient"), known, out _));
        }

        Assert.Equal(Text(vector, "reason"), Reason());

        string Reason()
        {
            Assert.False(Opens(Bytes(vector, "bytes"), "alice", known, out Untrusted untrusted));
            return untrusted.Reason.ToString();
        }
    }

    [Fact]
    public void A_byte_altered_makes_a_message_nothing_also_when_its_signature_is_known()
    {
        JsonElement message = _vectors.Vector("together", "three to two parties").GetProperty("messages")[0];
        byte[] bytes = Bytes(message, "bytes");
        KnownSignatures known = new();
        Assert.True(Opens(bytes, "alice", known, out _));
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] altered = [.. bytes];
            altered[at] ^= (byte)(1 << (at % 8));
            Assert.False(Opens(altered, "alice", known, out _));
        }

        Assert.True(Opens(bytes, "alice", known, out _));
    }

    [Fact]
    public void What_is_known_of_one_party_is_not_known_of_another_and_the_oldest_is_forgotten()
    {
        KnownSignatures known = new();
        using IdentityKey alice = TestParties.IdentityOf("alice");
        using IdentityKey bob = TestParties.IdentityOf("bob");
        (VerifyingKey hers, VerifyingKey his) = (new(alice.Public), new(bob.Public));
        byte[] signature = new byte[64];
        known.Add(hers, Digest(0), signature);
        Assert.True(known.Has(hers, Digest(0), signature));
        Assert.False(known.Has(his, Digest(0), signature));
        Assert.False(known.Has(hers, Digest(1), signature));
        Assert.False(known.Has(hers, Digest(0), [1, .. signature[1..]]));
        for (int number = 1; number < KnownSignatures.Capacity; number++)
        {
            known.Add(hers, Digest(number), signature);
        }

        Assert.True(known.Has(hers, Digest(0), signature));
        known.Add(hers, Digest(KnownSignatures.Capacity), signature);
        Assert.False(known.Has(hers, Digest(0), signature));
        Assert.True(known.Has(hers, Digest(1), signature));
        Assert.True(known.Has(hers, Digest(KnownSignatures.Capacity), signature));
    }

    [Fact]
    public async Task Whatever_is_signed_at_once_each_message_gets_a_signature_of_its_own_digest()
    {
        using IdentityKey identity = TestParties.IdentityOf("alice");
        VerifyingKey key = new(identity.Public);
        ConcurrentQueue<int> drawn = new();
        Signatory signatory = new(
            identity,
            auxiliary =>
            {
                drawn.Enqueue(auxiliary.Length);
                RandomNumberGenerator.Fill(auxiliary);
            },
            static () => TimeSpan.Zero,
            TimeProvider.System);
        Bytes32[] digests = [.. Enumerable.Range(0, 200).Select(Digest)];
        SharedSignature[] signatures = await Task.WhenAll(digests.Select(digest => Task.Run(() => signatory.SignAsync(digest))));
        for (int number = 0; number < digests.Length; number++)
        {
            ReadOnlySpan<byte> bytes = signatures[number].Bytes;
            Assert.True(SharedSignature.IsLength(bytes.Length));
            Assert.True(SharedSignature.Verify(bytes, digests[number], key, new KnownSignatures()));
            Assert.False(SharedSignature.Verify(bytes, Digest(-1), key, new KnownSignatures()));
        }

        Assert.Equal(signatures.Distinct().Count(), drawn.Count);
        Assert.All(drawn, static length => Assert.Equal(32, length));
    }

    [Fact]
    public async Task While_a_signatory_gathers_nothing_is_signed_and_then_everything_together()
    {
        using IdentityKey identity = TestParties.IdentityOf("alice");
        WatchedTime time = new();
        Signatory signatory = new(identity, RandomNumberGenerator.Fill, static () => TimeSpan.FromMilliseconds(10), time);
        SharedSignature first = await signatory.SignAsync(Digest(0));
        Assert.Equal(SharedSignature.SignatureBytes, first.Bytes.Length);
        Assert.Equal(TimeSpan.FromMilliseconds(10), await time.NextTimerAsync());
        Task<SharedSignature>[] gathered = [.. Enumerable.Range(1, 3).Select(number => signatory.SignAsync(Digest(number)))];
        Assert.All(gathered, static waiting => Assert.False(waiting.IsCompleted));
        time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Single((await Task.WhenAll(gathered)).Distinct());

        // What comes after a pause in which nothing came does not wait.
        Assert.Equal(TimeSpan.FromMilliseconds(10), await time.NextTimerAsync());
        time.Advance(TimeSpan.FromMilliseconds(10));
        await time.UntilNoTimerAsync();
        await signatory.SignAsync(Digest(4));
    }

    [Fact]
    public async Task A_party_gathers_what_it_signs_only_while_many_requests_are_under_way()
    {
        WatchedTime time = new();
        using TestParties parties = new(time, new MessageSettings { GatherTime = TimeSpan.FromMilliseconds(10) });
        Correspondent alice = parties[TestParties.Alice];
        for (int request = 0; request < Correspondent.Few; request++)
        {
            alice.Begin();
            await SealAsync();
            await SealAsync();
        }

        alice.Begin();
        await SealAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(10), await time.NextTimerAsync());
        Task gathered = SealAsync();
        Assert.False(gathered.IsCompleted);
        alice.End();
        time.Advance(TimeSpan.FromMilliseconds(10));
        await gathered;
        await SealAsync();

        Task SealAsync() => alice.SealRequestAsync(TestParties.Bob, TestParties.Node, TestParties.Seat(1, 1), new byte[] { 1 }).AsTask();
    }

    [Fact]
    public async Task A_signatory_whose_key_is_gone_tells_everyone_who_waits()
    {
        IdentityKey identity = TestParties.IdentityOf("alice");
        Signatory signatory = new(identity, RandomNumberGenerator.Fill, static () => TimeSpan.Zero, TimeProvider.System);
        identity.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => signatory.SignAsync(Digest(1)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => signatory.SignAsync(Digest(2)));
    }

    private static Bytes32 Digest(int number) => FixedBytes.From<Bytes32>(SHA256.HashData(BitConverter.GetBytes(number)));

    private static bool Opens(byte[] bytes, string recipient, KnownSignatures known, out Untrusted untrusted) =>
        _vectors.Opens(bytes, PartyName.Parse(recipient), known, out _, out untrusted);
}
