using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Policies;
using SignerCluster.Protocol;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Tests.Documents;

/// <summary>What a participant's folder must refuse: keys that others may read, and seats that are not what they were when they were sealed.</summary>
public sealed class SeatFileTests : IAsyncLifetime
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-seats").FullName;
    private readonly MemoryJournal _store = new();
    private KeyKeeper _keeper = null!;
    private GroupId _group;
    private GroupId _other;

    private NodeDirectory Node => new(Path.Combine(_folder, "participants", "0"));

    public async Task InitializeAsync()
    {
        _keeper = await SealedStores.OpenAsync(_store, seats: new SeatFiles(Node.Documents));
        using DataDirectory data = DataDirectory.Hold(_folder);
        _group = (await GroupCreation.CreateAsync(data, threshold: 2, participants: 3, _ => new(_keeper), RandomNumberGenerator.Fill)).Value;
        _other = (await GroupCreation.CreateAsync(data, threshold: 2, participants: 3, _ => new(_keeper), RandomNumberGenerator.Fill)).Value;
    }

    public async Task DisposeAsync()
    {
        await _keeper.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_participant_loads_the_share_that_was_dealt_to_it_and_no_other()
    {
        using GroupDirectory seats = await LoadAsync();
        Assert.Equal(SeatSet.Of(new SeatId(0)), seats.StandingOf(_group).HeldSeats);
        Assert.Equal(seats.StandingOf(_group).Group!.PublicShare(new SeatId(0)), seats.ShareOf(_group, new SeatId(0))!.PublicShare);
        Assert.Null(seats.ShareOf(_group, new SeatId(1)));
    }

    [Fact]
    public async Task What_a_group_may_sign_carries_the_moment_and_the_policy_that_is_in_force_then()
    {
        ManualTime time = new(DateTimeOffset.FromUnixTimeSeconds(1_000));
        string path = Path.Combine(_folder, "policy.json");
        Write(1);
        using PolicyFile file = PolicyFile.Open(path, time, NullLogger<PolicyFile>.Instance);
        using GroupDirectory with =
            await GroupDirectory.LoadAsync(Node.Documents, new SigningPolicy { Spending = file }, _keeper.Keys, time, CancellationToken.None);
        using GroupDirectory without = await GroupDirectory.LoadPublicAsync(Node.Documents, new SigningPolicy(), time, CancellationToken.None);
        Assert.Equal((1_000, 1), Seen(with.StandingOf(_group)));
        Assert.Equal((1_000, null), Seen(without.StandingOf(_group)));
        Assert.Null(without.StandingOf(_group).Policy);
        Write(2);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((1_002, 2), Seen(with.StandingOf(_group)));
        Assert.False(with.StandingOf(_other).Policy!.NamesGroup);

        void Write(int outputs) => File.WriteAllText(
            path, $"{{\"version\":1,\"network\":\"mainnet\",\"groups\":{{\"{_group}\":{{\"maximumOutputs\":{outputs}}}}}}}");

        static (long Now, int? Outputs) Seen(Standing standing) => (standing.Now, standing.Policy?.MaximumOutputs);
    }

    [Fact]
    public void Keys_and_seats_are_written_for_their_owner_alone()
    {
        Assert.All(
            Directory.EnumerateFiles(Path.Combine(_folder, "participants"), "*", SearchOption.AllDirectories),
            static path => Assert.Equal(OwnerOnly, File.GetUnixFileMode(path)));
    }

    [Fact]
    public async Task K4_Seats_sealed_under_the_keys_of_another_ring_are_refused()
    {
        await using KeyKeeper stranger = await SealedStores.OpenAsync(new MemoryJournal());
        await RefusedAsync("file_invalid", stranger.Keys);
    }

    [Fact]
    public async Task K6_A_rotation_moves_seat_files_to_the_new_key_before_the_old_one_retires()
    {
        string before = await File.ReadAllTextAsync(SeatPath(_group, 0));
        await _keeper.RotateAsync(CancellationToken.None);
        Assert.Equal(KeyPhase.Superseded, (await _keeper.ShowAsync()).Find(1)!.Phase);

        ResealReport report = await _keeper.ResealAsync(progress: null, CancellationToken.None);

        Assert.Equal(new ResealReport(0, 0, IsComplete: true), report);
        Assert.Equal(KeyPhase.Retired, (await _keeper.ShowAsync()).Find(1)!.Phase);
        Assert.NotEqual(before, await File.ReadAllTextAsync(SeatPath(_group, 0)));
        (await LoadAsync()).Dispose();
    }

    [Fact]
    public async Task K6_A_key_is_not_retired_while_a_seat_file_that_cannot_be_opened_may_need_it()
    {
        string good = await File.ReadAllTextAsync(SeatPath(_group, 0));
        await File.WriteAllTextAsync(SeatPath(_group, 0), good.Replace("\"seat\": 0", "\"seat\": 1", StringComparison.Ordinal));
        await _keeper.RotateAsync(CancellationToken.None);

        ResealReport report = await _keeper.ResealAsync(progress: null, CancellationToken.None);

        Assert.Equal(new ResealReport(0, 1, IsComplete: false), report);
        Assert.Equal(KeyPhase.Superseded, (await _keeper.ShowAsync()).Find(1)!.Phase);
        await File.WriteAllTextAsync(SeatPath(_group, 0), good);
        (await LoadAsync()).Dispose();
    }

    [Fact]
    public async Task Every_altered_byte_of_a_sealed_share_is_refused()
    {
        string path = SeatPath(_group, 0);
        string original = await File.ReadAllTextAsync(path);
        string text = original.Split("\"sealed\": \"")[1].Split('"')[0];
        byte[] sealedShare = Convert.FromBase64String(text.Replace("\\u002B", "+", StringComparison.Ordinal));
        Assert.Equal(Envelope.Overhead + 32, sealedShare.Length);
        for (int index = 0; index < sealedShare.Length; index++)
        {
            byte[] altered = [.. sealedShare];
            altered[index] ^= 1;
            await File.WriteAllTextAsync(path, original.Replace(text, Convert.ToBase64String(altered), StringComparison.Ordinal));
            await RefusedAsync("file_invalid");
        }
    }

    [Fact]
    public async Task A_seat_file_cannot_stand_in_for_another_group_or_seat()
    {
        string own = await File.ReadAllTextAsync(SeatPath(_group, 0));
        await File.WriteAllTextAsync(SeatPath(_other, 0), own.Replace(_group.ToString(), _other.ToString(), StringComparison.Ordinal));
        await RefusedAsync("file_invalid");
        await File.WriteAllTextAsync(SeatPath(_other, 0), own.Replace("\"seat\": 0", "\"seat\": 1", StringComparison.Ordinal));
        await RefusedAsync("file_invalid");
    }

    [Fact]
    public async Task A_group_file_whose_public_share_does_not_follow_from_the_commitments_is_refused()
    {
        string path = Path.Combine(_folder, "participants", "0", "groups", $"{_group}.json");
        using GroupDirectory seats = await LoadAsync();
        string first = seats.StandingOf(_group).Group!.PublicShare(new SeatId(1))!.Value.ToString();
        string second = seats.StandingOf(_group).Group!.PublicShare(new SeatId(2))!.Value.ToString();
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace(first, second, StringComparison.Ordinal));
        await RefusedAsync("file_invalid");
    }

    private string SeatPath(GroupId group, int seat) => Path.Combine(_folder, "participants", "0", "seats", $"{group}-{seat}.json");

    private ValueTask<GroupDirectory> LoadAsync(DataKeys? keys = null) =>
        GroupDirectory.LoadAsync(Node.Documents, new SigningPolicy(), keys ?? _keeper.Keys, TimeProvider.System, CancellationToken.None);

    private async Task RefusedAsync(string code, DataKeys? keys = null)
    {
        DataDirectoryException refused = await Assert.ThrowsAsync<DataDirectoryException>(async () => (await LoadAsync(keys)).Dispose());
        Assert.Equal(code, refused.Code);
    }
}
