#include "reader/tui/recorder.h"

#include <errno.h>
#include <string.h>

#include <fstream>
#include <sstream>
#include <utility>

namespace pytrace::reader::tui {
namespace {

constexpr char kFirstLine[] = "pytrace screens 1";
constexpr int kMostCells = 1000;

}  // namespace

Recorder::~Recorder() {
  if (file_ == nullptr) return;
  WriteScreen();
  fclose(file_);
}

bool Recorder::Open(const std::string& path, std::string* error) {
  file_ = fopen(path.c_str(), "we");
  if (file_ == nullptr) {
    *error = "cannot write " + path + ": " + strerror(errno);
    return false;
  }
  fprintf(file_, "%s\n", kFirstLine);
  return true;
}

void Recorder::Drawn(const Canvas& canvas, bool settled) {
  if (!wanted()) return;
  bool resized = canvas.width() != width_ || canvas.height() != height_ || canvas.ascii() != ascii_;
  if (resized) {
    if (width_ > 0) WriteScreen();
    width_ = canvas.width();
    height_ = canvas.height();
    ascii_ = canvas.ascii();
    fprintf(file_, "size %dx%d%s\n", width_, height_, ascii_ ? " ascii" : "");
  }
  screen_ = canvas.Text();
  settled_ = settled;
  drawn_ = true;
}

void Recorder::Pressed(Key key, bool pasted) {
  if (!wanted()) return;
  WriteScreen();
  fprintf(file_, "%s %s\n", pasted ? "paste" : "key", KeyWord(key).c_str());
}

// A key before which nothing was drawn has no screen of its own.
void Recorder::WriteScreen() {
  if (!std::exchange(drawn_, false)) return;
  if (!settled_) fputs("unsettled\n", file_);
  std::istringstream rows(screen_);
  for (std::string row; std::getline(rows, row);) fprintf(file_, "|%s\n", row.c_str());
  fflush(file_);
}

bool ReadRecorded(const std::string& path, std::vector<RecordedScreen>* out, std::string* error) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line) || line != kFirstLine) {
    *error = path + (file ? " has no recorded screens; --record writes them" : std::string(": ") + strerror(errno));
    return false;
  }
  RecordedScreen next;
  auto wrong = [&](int number) {
    *error = path + ":" + std::to_string(number) + ": no line of recorded screens";
    return false;
  };
  bool in_screen = false;
  auto finish = [&] {
    if (in_screen) out->push_back(next);
    next.key = kNoKey;
    next.settled = true;
    next.pasted = false;
    next.rows.clear();
    in_screen = false;
  };
  for (int number = 2; std::getline(file, line); ++number) {
    if (line.starts_with("|")) {
      in_screen = true;
      next.rows += line.substr(1) + "\n";
    } else if (line == "unsettled") {
      next.settled = false;
    } else if (line.starts_with("size ")) {
      finish();
      char rest[8] = "";
      if (sscanf(line.c_str(), "size %4dx%4d%7s", &next.width, &next.height, rest) < 2 || next.width < 1 ||
          next.height < 1 || next.width > kMostCells || next.height > kMostCells)
        return wrong(number);
      next.ascii = rest == std::string("ascii");
    } else if (line.starts_with("key ") || line.starts_with("paste ")) {
      // A key that had no screen of its own is pressed all the same.
      if (!in_screen && next.key != kNoKey) next.settled = false, in_screen = true;
      finish();
      std::vector<Key> keys;
      std::string problem;
      next.pasted = line[0] == 'p';
      if (!ParseKeys(std::string_view(line).substr(line.find(' ') + 1), &keys, &problem)) return wrong(number);
      if (keys.size() != 1 || keys[0] == kNoKey) return wrong(number);
      next.key = keys[0];
    } else {
      return wrong(number);
    }
  }
  finish();
  return true;
}

std::string Difference(const std::string& recorded, const std::string& shown) {
  std::istringstream a(recorded), b(shown);
  for (int row = 1;; ++row) {
    std::string one, other;
    bool more = static_cast<bool>(std::getline(a, one)), more_shown = static_cast<bool>(std::getline(b, other));
    if (!more && !more_shown) return "";
    if (one != other) return "row " + std::to_string(row) + "\n  recorded |" + one + "\n  now      |" + other;
  }
}

}  // namespace pytrace::reader::tui
